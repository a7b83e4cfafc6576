import { httpHandler } from '../shared/handlers/http-handler.ts';
import { createLog } from '../shared/log.ts';
import { createServices, type Services } from '../shared/services.ts';
import { gateway } from './gateway.ts';

let services: Services | undefined;
const wired = (): Services => (services ??= createServices('gateway'));

export const handler = httpHandler(
  (request) => gateway(request, wired()),
  () => services?.log ?? createLog('gateway', 'info'),
);
