// Who may speak to a development server: programs of this machine, and pages of the server's own. A browser sends any
// page's requests to loopback addresses, and a name that an attacker's DNS answers with 127.0.0.1 makes such a page one of
// the server's own, in the browser's eyes (DNS rebinding).

/** By which this machine reaches itself. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export interface Refusal {
  readonly code: 'HOST_FOREIGN' | 'ORIGIN_FOREIGN';
  readonly message: string;
}

/** What of a request's headers is looked at. */
export interface SenderHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | string[] | undefined;
}

/** A comma-separated list of names, as a variable has it. */
export function hostNames(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/u).filter((name) => name !== '');
}

/**
 * Why to refuse a request; undefined where there is no reason. Its Host has to be a loopback name or one of `names` (without
 * port, in any case). An Origin, where there is one, has to be the server's own, or to have one of `names`: pages of other
 * servers on this machine are foreign too.
 */
export function refusalOf({ host, origin }: SenderHeaders, names: readonly string[]): Refusal | undefined {
  const given = names.map((name) => name.toLowerCase());
  const name = nameOf(`http://${host}`);
  if (host === undefined || name === undefined || ![...LOOPBACK, ...given].includes(name))
    return {
      code: 'HOST_FOREIGN',
      message: `expected a Host among ${[...LOOPBACK, ...given].join(', ')}, got ${shown(host)}`,
    };
  if (origin === undefined) return undefined;
  const text = String(origin);
  const isOwn = /^https?:\/\/(.+)$/iu.exec(text)?.[1]?.toLowerCase() === host.toLowerCase();
  if (isOwn || given.includes(nameOf(text) ?? '')) return undefined;
  return {
    code: 'ORIGIN_FOREIGN',
    message: `expected no Origin, that of ${shown(host)}, or that of an allowed host, got ${shown(text)}`,
  };
}

/** Lower case, without port; undefined where the text is more or less than scheme, name and port. */
function nameOf(text: string): string | undefined {
  const [, name] = /^https?:\/\/(\[[\da-f:.]+\]|[^\s:/?#@[\]\\]+)(?::\d{1,5})?$/iu.exec(text) ?? [];
  return name?.toLowerCase();
}

function shown(text: string | undefined): string {
  return text === undefined ? 'none' : JSON.stringify(text.slice(0, 200));
}
