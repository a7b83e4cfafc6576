import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const dependency = z.strictObject({ condition: z.literal('service_healthy') });

/** The part of the compose specification that the file uses: any other key is an error. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string() }).optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  network_mode: z.literal('host').optional(),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), dependency).default({}),
  healthcheck: z.strictObject({
    test: z.array(z.string()).min(2),
    interval: z.string().regex(/^\d+s$/u),
    timeout: z.string().regex(/^\d+s$/u),
    retries: z.int().positive(),
  }),
  restart: z.literal('unless-stopped'),
});

const composeFile = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeFile = z.output<typeof composeFile>;

/** @throws ZodError for a key or value that the file may not have; a service without a health check, for one */
export function readComposeFile(): ComposeFile {
  return composeFile.parse(readYaml('docker-compose.yml'));
}

export function readYaml(path: string): unknown {
  return parse(readFileSync(path, 'utf8'));
}

/** Words of a command, however it is written. */
export function commandOf({ command = [] }: ComposeFile['services'][string]): string {
  return typeof command === 'string' ? command : command.join(' ');
}
