import { afterEach, describe, expect, it, vi } from 'vitest';
import { kafkaShape, readSettings } from '../settings/settings.ts';
import { kafkaSecurity } from './kafka-security.ts';

const securityOf = (environment: Readonly<Record<string, string>>, region?: string) =>
  kafkaSecurity(readSettings(kafkaShape, environment), region);
const USER = { KAFKA_USERNAME: 'flts', KAFKA_PASSWORD: 'a secret' };

describe('the Kafka client', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('says nothing of itself where nothing is set', () => {
    expect(securityOf({})).toEqual({});
    expect(securityOf({ KAFKA_SSL: '0', KAFKA_SASL_MECHANISM: '' })).toEqual({});
  });

  it('speaks TLS where it is asked to', () => {
    expect(securityOf({ KAFKA_SSL: '1' })).toEqual({ ssl: true });
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('shows user and password by %s', (mechanism) => {
    const sasl = { mechanism, username: 'flts', password: 'a secret' };
    expect(securityOf({ KAFKA_SSL: '1', KAFKA_SASL_MECHANISM: mechanism, ...USER })).toEqual({
      ssl: true,
      sasl,
    });
  });

  it('shows a token that its AWS credentials signed by aws-iam, over TLS whatever KAFKA_SSL says', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const { ssl, sasl } = securityOf({ KAFKA_SASL_MECHANISM: 'aws-iam' }, 'eu-west-1');
    expect([ssl, sasl?.mechanism]).toEqual([true, 'oauthbearer']);
    if (sasl === undefined || !('oauthBearerProvider' in sasl)) throw new Error('expected a token');
    const { value } = await sasl.oauthBearerProvider();
    const url = new URL(Buffer.from(value, 'base64url').toString());
    expect(url.host).toBe('kafka.eu-west-1.amazonaws.com');
    expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect');
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(
      /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/kafka-cluster\/aws4_request$/u,
    );
    expect(value).not.toContain('secret');
  });

  it.each([
    [{ KAFKA_SASL_MECHANISM: 'plain' }, /KAFKA_USERNAME, KAFKA_PASSWORD: expected both for plain/u],
    [{ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'flts' }, /KAFKA_PASSWORD/u],
    [USER, /KAFKA_SASL_MECHANISM: expected a mechanism/u],
    [{ KAFKA_SASL_MECHANISM: 'gssapi' }, /KAFKA_SASL_MECHANISM: expected one of/u],
  ])('is not made of %j', (environment, message) => {
    expect(() => securityOf(environment)).toThrow(
      expect.objectContaining({ code: 'setting_invalid', message: expect.stringMatching(message) }),
    );
  });

  it('has no token without a region', async () => {
    const { sasl } = securityOf({ KAFKA_SASL_MECHANISM: 'aws-iam' });
    if (sasl === undefined || !('oauthBearerProvider' in sasl)) throw new Error('expected a token');
    await expect(sasl.oauthBearerProvider()).rejects.toThrow('AWS_REGION');
  });
});
