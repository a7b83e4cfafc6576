import { httpHandler } from '../shared/handlers/http-handler.ts';
import { createLog } from '../shared/log.ts';
import { createServices } from '../shared/services.ts';
import { accessShape, readSettings } from '../shared/settings/settings.ts';
import { gateway, type Gateway } from './gateway.ts';

let wired: Gateway | undefined;
const wire = (): Gateway =>
  (wired ??= { services: createServices('gateway'), access: readSettings(accessShape, process.env) });

export const handler = httpHandler(
  (request) => gateway(request, wire()),
  () => wired?.services.log ?? createLog('gateway', 'info'),
);
