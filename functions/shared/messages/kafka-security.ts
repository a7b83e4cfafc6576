import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { FltsError } from '../errors.ts';
import type { KafkaSettings } from '../settings/settings.ts';

export type KafkaSecurity = Pick<KafkaConfig, 'ssl' | 'sasl'>;

/**
 * How the Kafka client shows who it is. `aws-iam` is MSK's own way: an OAuth token that the AWS credentials sign, always
 * over TLS. @throws FltsError setting_invalid where a mechanism lacks its user, or a user a mechanism
 */
export function kafkaSecurity(settings: KafkaSettings, region: string | undefined): KafkaSecurity {
  const sasl = saslOf(settings, region);
  const ssl = settings.KAFKA_SSL || settings.KAFKA_SASL_MECHANISM === 'aws-iam';
  return { ...(ssl ? { ssl } : {}), ...(sasl === undefined ? {} : { sasl }) };
}

function saslOf(settings: KafkaSettings, region: string | undefined): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = settings;
  if (mechanism === '') {
    if (username === '') return undefined;
    throw invalid('KAFKA_SASL_MECHANISM: expected a mechanism beside KAFKA_USERNAME, got none');
  }
  if (mechanism === 'aws-iam')
    return { mechanism: 'oauthbearer', oauthBearerProvider: () => mskToken(region) };
  if (username === '' || password === '')
    throw invalid(`KAFKA_USERNAME, KAFKA_PASSWORD: expected both for ${mechanism}, got one empty`);
  return { mechanism, username, password };
}

async function mskToken(region: string | undefined): Promise<{ value: string }> {
  if (region === undefined || region === '')
    throw invalid('AWS_REGION: expected a region for aws-iam, got none');
  // Loaded where it is asked for: it brings the SDK's ways to credentials along.
  const { generateAuthToken } = await import('aws-msk-iam-sasl-signer-js');
  const { token } = await generateAuthToken({ region });
  return { value: token };
}

function invalid(problem: string): FltsError {
  return new FltsError('setting_invalid', `environment variable ${problem}`);
}
