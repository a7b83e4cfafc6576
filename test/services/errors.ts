/** A service that this machine can not have; the message is one line. */
export class NotInstalledError extends Error {
  readonly service: string;

  constructor(service: string, message: string, options: { cause?: unknown } = {}) {
    super(`${service}: ${message}`, options);
    this.name = 'NotInstalledError';
    this.service = service;
  }
}

export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
