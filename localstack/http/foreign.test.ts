import { describe, expect, it } from 'vitest';
import { hostNames, refusalOf } from './foreign.ts';

const NAMES = ['flts.example', 'Lab-Machine'];
const codeOf = (host: string | undefined, origin?: string | string[]) =>
  refusalOf({ host, origin }, NAMES)?.code;

describe('a host', () => {
  it.each([
    'localhost',
    'localhost:3000',
    'LocalHost:3000',
    '127.0.0.1:3000',
    '[::1]',
    '[::1]:3000',
    'flts.example',
    'FLTS.example:443',
    'lab-machine:80',
  ])('%s is ours', (host) => {
    expect(codeOf(host)).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'evil.localhost',
    'notlocalhost',
    'localhost:3000@evil.example',
    'evil.example@localhost',
    'localhost/',
    'localhost, evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.2',
    '0.0.0.0',
    '192.168.0.7:3000',
    '[::2]',
    'localhost:port',
  ])('%j is foreign', (host) => {
    expect(codeOf(host)).toBe('HOST_FOREIGN');
  });

  it('that is foreign is told, in short, with what was expected', () => {
    expect(refusalOf({ host: 'e'.repeat(5000) }, NAMES)?.message).toBe(
      `expected a Host among localhost, 127.0.0.1, [::1], flts.example, lab-machine, got "${'e'.repeat(200)}"`,
    );
  });
});

describe('an origin', () => {
  it.each([
    ['localhost:3000', undefined],
    ['localhost:3000', 'http://localhost:3000'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['flts.example', 'https://flts.example'],
    // Behind a proxy that says its own name to the server.
    ['127.0.0.1:3000', 'https://flts.example'],
    ['127.0.0.1:3000', 'https://lab-machine:8443'],
  ])('at %s: %s is ours', (host, origin) => {
    expect(codeOf(host, origin)).toBeUndefined();
  });

  it.each([
    'https://evil.example',
    'http://localhost:3001',
    'http://127.0.0.1:3000',
    'null',
    '',
    'http://localhost:3000.evil.example',
    'http://localhost:3000, https://evil.example',
    'file://',
    'chrome-extension://localhost:3000',
    'https://flts.example.evil.example',
    'https://evil.example/flts.example',
    'https://flts.example@evil.example',
  ])('at localhost:3000: %j is foreign', (origin) => {
    expect(codeOf('localhost:3000', origin)).toBe('ORIGIN_FOREIGN');
  });

  it('that comes more than once is foreign', () => {
    expect(codeOf('localhost:3000', ['http://localhost:3000', 'https://evil.example'])).toBe(
      'ORIGIN_FOREIGN',
    );
  });
});

it('names stand in a variable with commas, spaces or both between them', () => {
  expect(hostNames(' a.example, b.example  c,')).toEqual(['a.example', 'b.example', 'c']);
  expect(hostNames(undefined)).toEqual([]);
});
