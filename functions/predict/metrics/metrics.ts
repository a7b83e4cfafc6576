import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** Begins to time a request; call what it returns with the status of the answer. */
  request(route: string): (status: number) => void;
  modelLoad(outcome: 'loaded' | 'failed'): void;
  /** Prometheus text and its content type, or the same figures as JSON. */
  text(): Promise<string>;
  readonly contentType: string;
  json(): Promise<unknown>;
}

/** Figures that others count; read when the metrics are. */
export interface Counted {
  readonly queued: number;
  readonly active: number;
  readonly completed: number;
  readonly timeouts: number;
  readonly rejectedFull: number;
  readonly served: number;
  readonly notRecorded: number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The metrics of one instance, in a registry of their own. */
export function createMetrics(counted: () => Counted): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'flts_http_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['route', 'status'],
    registers,
  });
  const latency = new Histogram({
    name: 'flts_http_request_duration_seconds',
    help: 'Time from request to answer, by route.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  });
  const loads = new Counter({
    name: 'flts_model_loads_total',
    help: 'Attempts to load a promoted model, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  registerCounted(registers, counted);
  return {
    request: (route) => {
      const observe = latency.startTimer({ route });
      return (status) => {
        observe();
        requests.inc({ route, status });
      };
    },
    modelLoad: (outcome) => loads.inc({ outcome }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    json: () => registry.getMetricsAsJSON(),
  };
}

function registerCounted(registers: Registry[], counted: () => Counted): void {
  const gauges = [
    ['flts_queue_waiting', 'Forecasts that wait for a thread.', 'queued'],
    ['flts_queue_active', 'Forecasts that run.', 'active'],
  ] as const;
  for (const [name, help, key] of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(counted()[key]) });
  }
  const counters = [
    ['flts_forecasts_completed_total', 'Forecasts computed.', 'completed'],
    ['flts_forecast_timeouts_total', 'Forecasts that INFERENCE_TIMEOUT ended.', 'timeouts'],
    ['flts_forecasts_rejected_total', 'Forecasts refused because the queue was full.', 'rejectedFull'],
    ['flts_forecasts_cached_total', 'Forecasts served again.', 'served'],
    [
      'flts_predictions_not_recorded_total',
      'Lines of results.jsonl that could not be published.',
      'notRecorded',
    ],
  ] as const;
  for (const [name, help, key] of counters) {
    const counter: Counter = new Counter({
      name,
      help,
      registers,
      collect: () => {
        counter.reset();
        counter.inc(counted()[key]);
      },
    });
  }
}
