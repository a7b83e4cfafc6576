import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BUCKETS } from '../../functions/shared/topics.ts';
import { S3_NOTIFICATIONS_TOPIC } from '../../localstack/start/resources.ts';
import { startSettings } from '../../localstack/start/settings.ts';
import { PACKAGES } from '../services/mlflow.ts';
import { commandOf, readComposeFile, readYaml } from './compose-file.ts';

const { services, volumes } = readComposeFile();
const all = Object.entries(services);

describe('docker-compose.yml', () => {
  it('has the real services and what watches them', () => {
    expect(Object.keys(services)).toEqual([
      'kafka',
      'minio',
      'postgres',
      'mlflow',
      'prometheus',
      'grafana',
      'locust',
    ]);
  });

  it('pins each image and each package to a version', () => {
    const unpinned = all.filter(([, { image }]) => !/:\D*\d+\.\d+|:RELEASE\.\d{4}-\d\d-\d\d/u.test(image));
    expect(unpinned).toEqual([]);
    const dockerfile = readFileSync('deploy/mlflow/Dockerfile', 'utf8');
    expect(dockerfile).toMatch(/^FROM python:\d+\.\d+\.\d+-/mu);
    expect(dockerfile).toContain(`pip install --no-cache-dir ${PACKAGES.join(' ')}\n`);
    expect(PACKAGES.filter((name) => !/==[\d.]+$/u.test(name))).toEqual([]);
    expect(services['mlflow']?.image).toBe(`flts/mlflow:${PACKAGES[0]?.split('==')[1]}`);
  });

  it('listens on 127.0.0.1 alone, the services on the network of the host as well', () => {
    const published = all.flatMap(([, { ports }]) => ports);
    expect(published.filter((port) => !/^127\.0\.0\.1:(\d+):\1$/u.test(port))).toEqual([]);
    const onHost = all.filter(([, { network_mode }]) => network_mode === 'host').map(([name]) => name);
    expect(onHost).toEqual(['prometheus', 'grafana', 'locust']);
    expect(commandOf(services['prometheus']!)).toContain('--web.listen-address=127.0.0.1:9090');
    expect(services['grafana']?.environment['GF_SERVER_HTTP_ADDR']).toBe('127.0.0.1');
    expect(commandOf(services['locust']!)).toContain('--web-host 127.0.0.1');
  });

  it('mounts files that there are, and volumes that it declares', () => {
    const sources = all.flatMap(([, service]) => service.volumes.map((volume) => volume.split(':')[0]!));
    const files = sources.filter((source) => source.startsWith('./'));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    const named = sources.filter((source) => !source.startsWith('./'));
    expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  it('waits for services that there are', () => {
    const awaited = all.flatMap(([, service]) => Object.keys(service.depends_on));
    expect(awaited.filter((name) => services[name] === undefined)).toEqual([]);
  });

  it('makes the buckets of the contract and notifies their topic, with the credentials of the stand-in', () => {
    const { environment } = services['minio']!;
    expect(environment['BUCKETS']?.split(' ')).toEqual(Object.values(BUCKETS));
    expect(environment['MINIO_NOTIFY_KAFKA_TOPIC_flts']).toBe(S3_NOTIFICATIONS_TOPIC);
    expect(environment['MINIO_NOTIFY_KAFKA_BROKERS_flts']).toBe('kafka:29092');
    expect(services['kafka']?.environment['KAFKA_ADVERTISED_LISTENERS']).toContain('//kafka:29092');
    expect([environment['MINIO_ROOT_USER'], environment['MINIO_ROOT_PASSWORD']]).toEqual([
      DEFAULT_CREDENTIALS.accessKeyId,
      DEFAULT_CREDENTIALS.secretAccessKey,
    ]);
  });
});

describe('deploy/compose.env', () => {
  it('leads npm start to the published ports', () => {
    const environment = parseEnv(readFileSync('deploy/compose.env', 'utf8'));
    const published = all.flatMap(([, { ports }]) => ports.map((port) => port.split(':')[1]));
    const { kafka, s3, mlflow } = startSettings([], environment).external;
    const asked = [`http://${kafka}`, s3, mlflow].map((url) => new URL(url ?? ''));
    expect(asked.map(({ hostname }) => hostname)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    expect(published).toEqual(expect.arrayContaining(asked.map(({ port }) => port)));
    expect(environment).toMatchObject({
      AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
    });
  });
});

describe('what asks the functions', () => {
  const { http } = startSettings([], {}).ports;

  it('scrapes /metrics where npm start serves it', () => {
    expect(readYaml('deploy/prometheus/prometheus.yml')).toMatchObject({
      scrape_configs: [{ metrics_path: '/metrics', static_configs: [{ targets: [`127.0.0.1:${http}`] }] }],
    });
  });

  it('posts to /predict there', () => {
    expect(commandOf(services['locust']!)).toContain(`--host http://127.0.0.1:${http} `);
    expect(readFileSync('deploy/locust/locustfile.py', 'utf8')).toContain('self.client.post("/predict"');
  });
});
