export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body's JSON object, {} where it is none. */
  readonly json: Record<string, unknown>;
}

export async function get(url: string): Promise<Answer> {
  return answerOf(await fetch(url));
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return answerOf(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    }),
  );
}

/** Uploads through the gateway, as `curl -T` does; returns what it answered. */
export async function upload(url: string, key: string, body: string | Uint8Array): Promise<Answer> {
  const path = key.split('/').map(encodeURIComponent).join('/');
  const headers = { 'content-type': 'application/octet-stream' };
  return answerOf(await fetch(`${url}/upload/${path}`, { method: 'PUT', headers, body: Buffer.from(body) }));
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
