import type { HttpRequest, HttpResponse } from '../shared/handlers/http-handler.ts';
import { dispatch, type HttpRoute } from '../shared/handlers/http-router.ts';
import type { Services } from '../shared/services.ts';
import type { AccessSettings } from '../shared/settings/settings.ts';
import { download } from './download.ts';
import { status } from './status.ts';
import { upload, uploadUrl } from './upload.ts';
import { writeAccess } from './write-access.ts';
import type { gatewayStage } from './stage.ts';

export interface Gateway {
  readonly services: Services;
  readonly access: AccessSettings;
}

type Respond = (request: HttpRequest, services: Services) => Promise<HttpResponse>;

const over =
  (respond: Respond): HttpRoute<Gateway>['respond'] =>
  (request, { services }) =>
    respond(request, services);

type RouteName = (typeof gatewayStage.http)[number];

const ROUTES = {
  'GET /status/{identifier}': { access: 'read', respond: over(status) },
  'POST /upload/{bucket}/{key+}': { access: writeAccess, respond: over(upload) },
  'PUT /upload/{bucket}/{key+}': { access: writeAccess, respond: over(upload) },
  'GET /download/{bucket}/{key+}': { access: 'read', respond: over(download) },
  'POST /upload-url/{bucket}/{key+}': { access: writeAccess, respond: over(uploadUrl) },
} satisfies Record<RouteName, HttpRoute<Gateway>>;

/** Uploads, downloads and the status of claims. @throws as dispatch */
export function gateway(request: HttpRequest, context: Gateway): Promise<HttpResponse> {
  return dispatch(ROUTES, request, context);
}
