import { loadForecaster, trainModel, type ModelFile, type RuntimePool } from '@flts/model-runtime';

/** The RuntimePool of unit tests: the same work, on the thread of the test. */
export function createThreadlessPool(): RuntimePool {
  const using = async <T>(
    files: readonly ModelFile[],
    work: (forecaster: Awaited<ReturnType<typeof loadForecaster>>) => T,
  ): Promise<T> => {
    const forecaster = await loadForecaster(files);
    try {
      return work(forecaster);
    } finally {
      forecaster.dispose();
    }
  };
  return {
    train: (task, { timeoutMs: _timeoutMs, ...hooks } = {}) => trainModel(task, hooks),
    forecast: (task) => using(task.files, (forecaster) => forecaster.forecast(task)),
    backtest: (task) => using(task.files, (forecaster) => forecaster.backtest(task)),
    load: () => ({ queued: 0, active: 0, averageWaitMs: 0 }),
    close: async () => {},
  };
}
