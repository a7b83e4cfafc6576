import { httpHandler } from '../shared/handlers/http-handler.ts';
import { createLog } from '../shared/log.ts';
import { instanceFromEnvironment, type Instance } from './instance.ts';
import { answer } from './routes/routes.ts';
import { loadAtStart } from './start.ts';

let instance: Instance | undefined;

function started(): Instance {
  if (instance !== undefined) return instance;
  instance = instanceFromEnvironment();
  void loadAtStart(instance);
  return instance;
}

export const handler = httpHandler(
  async (request) => answer(request, started()),
  () => instance?.services.log ?? createLog('predict', 'info'),
);
