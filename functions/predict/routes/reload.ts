import type { HttpRequest, HttpResponse } from '../../shared/handlers/http-handler.ts';
import type { Instance } from '../instance.ts';
import { parsedBody, reloadBody } from '../schema.ts';
import { loadError, notReady } from '../served-model.ts';

/** POST /reload_latest (`?identifier=` or body): re-reads the pointer now. */
export async function reloadLatest(
  request: HttpRequest,
  { models, settings }: Instance,
): Promise<HttpResponse> {
  const body = parsedBody(reloadBody, request);
  const identifier = body.identifier ?? (request.query['identifier'] || settings.IDENTIFIER);
  const before = models.inHand(identifier)?.pointer.promotion_id;
  const served = await models.reload(identifier).catch((cause: unknown) => {
    throw loadError(identifier, cause);
  });
  if (served === undefined) throw notReady(identifier);
  const { run_id, model_type, promotion_id } = served.pointer;
  return {
    status: 200,
    body: {
      status: 'SUCCESS',
      identifier: served.pointer.identifier,
      run_id,
      model_type,
      promotion_id,
      changed: promotion_id !== before,
    },
  };
}
