import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { guardHttp } from './guard-http.ts';

const HTTP = 'export default class { async createServer() {} getServer() {} }';
const LAMBDA = 'export default class { start() {} stop() {} }';

describe('a serverless-offline of another shape', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** A service with a serverless-offline that has these files. */
  function service(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'guard-'));
    folders.push(folder);
    const manifest = { name: 'serverless-offline', type: 'module', exports: './src/index.js' };
    const all = { 'package.json': JSON.stringify(manifest), 'src/index.js': '', ...files };
    for (const [path, text] of Object.entries(all)) {
      const file = join(folder, 'node_modules/serverless-offline', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return folder;
  }
  const refusal = (message: RegExp) => ({
    name: 'EventSourceError',
    code: 'HTTP_GUARD_FAILED',
    message: expect.stringMatching(message),
  });

  it.each([
    [
      'without its HTTP server',
      { 'src/lambda/HttpServer.js': LAMBDA },
      /class in .*events\/http\/HttpServer\.js/u,
    ],
    [
      'without its Lambda server',
      { 'src/events/http/HttpServer.js': HTTP },
      /class in .*lambda\/HttpServer\.js/u,
    ],
    [
      'whose server is out of reach',
      {
        'src/events/http/HttpServer.js': HTTP.replace('getServer', 'server'),
        'src/lambda/HttpServer.js': LAMBDA,
      },
      /method getServer in/u,
    ],
    [
      'whose server is no class',
      { 'src/events/http/HttpServer.js': 'export default {}', 'src/lambda/HttpServer.js': LAMBDA },
      /class in/u,
    ],
  ])('%s is refused before anything listens', async (_name, files, message) => {
    await expect(guardHttp(service(files), [])).rejects.toMatchObject(refusal(message));
  });

  it('that makes its server otherwise does not start', async () => {
    const files = { 'src/events/http/HttpServer.js': HTTP, 'src/lambda/HttpServer.js': LAMBDA };
    const folder = service(files);
    await guardHttp(folder, []);
    const file = join(folder, 'node_modules/serverless-offline/src/events/http/HttpServer.js');
    const { default: HttpServer } = (await import(file)) as {
      default: new () => { createServer(): Promise<void> };
    };
    await expect(new HttpServer().createServer()).rejects.toMatchObject(refusal(/hapi server/u));
  });
});
