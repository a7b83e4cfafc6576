import { FltsError } from '../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../shared/handlers/http-handler.ts';
import type { Services } from '../shared/services.ts';
import { download } from './download.ts';
import { status } from './status.ts';
import { upload, uploadUrl } from './upload.ts';

type Respond = (request: HttpRequest, services: Services) => Promise<HttpResponse>;

const ROUTES: Readonly<Record<string, Respond>> = {
  'GET /status/{identifier}': status,
  'POST /upload/{bucket}/{key+}': upload,
  'PUT /upload/{bucket}/{key+}': upload,
  'GET /download/{bucket}/{key+}': download,
  'POST /upload-url/{bucket}/{key+}': uploadUrl,
};

/** Uploads, downloads and the status of claims. @throws FltsError route_unknown (404), naming the routes */
export async function gateway(request: HttpRequest, services: Services): Promise<HttpResponse> {
  const respond = ROUTES[`${request.method} ${request.resource}`];
  if (respond !== undefined) return respond(request, services);
  throw new FltsError(
    'route_unknown',
    `expected a route among ${Object.keys(ROUTES).join(', ')}, got ${request.method} ${request.path}`,
    { status: 404 },
  );
}
