import { z } from 'zod';
import { flag, integer, positive, setting, where } from './setting.ts';
import { BACKEND_SETTINGS } from './training.ts';

/** Of every function that trains or loads a model; without a say in what comes out, so no claim carries it. */
export const KERNEL_SETTINGS = {
  WIDE_VECTORS: setting({
    schema: flag.default(false),
    says: 'From Node 24 on kernels use vectors of 256 bits, an experiment of V8’s: faster, with the same bits.',
  }),
};

/** Of infer and predict. */
export const SERVING_SETTINGS = {
  RUN_INFERENCE_ON_TRAIN_SUCCESS: setting({
    schema: flag.default(false),
    says: 'infer forecasts a claim with each finished run at once; the lines say `promoted: false`.',
  }),
  QUEUE_WORKERS: setting({
    schema: integer(1, 64).default(2),
    says: 'Threads that forecast.',
    unit: 'threads',
  }),
  QUEUE_MAXSIZE: setting({
    schema: integer(1).default(40),
    says: 'Forecasts that run or wait; a request beyond them gets 429.',
    unit: 'requests',
  }),
  WAIT_FOR_MODEL: setting({
    schema: flag.default(false),
    says: 'Requests wait for a first promotion rather than get 503.',
  }),
  MODEL_WAIT_TIMEOUT: setting({
    schema: positive.default(60),
    says: 'How long they wait.',
    unit: 'seconds',
    when: where('WAIT_FOR_MODEL', true),
  }),
  INFERENCE_TIMEOUT: setting({
    schema: positive.default(10),
    says: 'What a forecast may take; then it is stopped, and a request gets 504.',
    unit: 'seconds',
  }),
  INFERENCE_MAX_WINDOWS: setting({
    schema: integer(1).default(500),
    says: 'Of a claim the newest so many windows are forecast.',
    unit: 'windows',
  }),
  ENABLE_PREDICT_CACHE: setting({
    schema: flag.default(true),
    says: 'Answers `{}` again from memory while model and rows are the same.',
  }),
  ENABLE_PUBLISH_API: setting({
    schema: flag.default(false),
    says: 'Serves `POST /publish_inference_claims`.',
  }),
  PREDICT_LOG_FEATURE_LIMIT: setting({
    schema: integer(0).default(3),
    says: 'How many targets a log line of a forecast names.',
    unit: 'targets',
  }),
  LOG_HTTP_PREDICTIONS: setting({
    schema: flag.default(true),
    says: 'Records what `/predict` answers in results.jsonl.',
  }),
  RECORD_BEFORE_ANSWER: setting({
    schema: flag.default(true),
    says: 'An answer waits until its line is published: on Lambda, work that goes on after the answer is lost. `npm start` sets 0.',
    when: where('LOG_HTTP_PREDICTIONS', true),
  }),
  IDENTIFIER: setting({
    schema: z.string().default('global'),
    says: 'Served where a request names none; `global` is the newest promotion of all.',
  }),
  ...BACKEND_SETTINGS,
  ...KERNEL_SETTINGS,
};

/** Who may do what over HTTP; see handlers/access.ts. */
export const ACCESS_SETTINGS = {
  ADMIN_TOKEN: setting({
    schema: z.string().trim().default(''),
    says: 'The Bearer token of what changes more than a forecast or an upload to `dataset` does; empty: nobody may. `npm start` makes one.',
  }),
  PUBLIC_READS: setting({
    schema: flag.default(false),
    says: 'Forecasts, status, metrics and downloads go without the token. `npm start` sets 1.',
  }),
  PUBLIC_UPLOADS: setting({
    schema: flag.default(false),
    says: 'Uploads to `dataset` go without the token. `npm start` sets 1.',
  }),
};
