import { install, installed } from '../install.ts';

const PACKAGES = ['@platformatic/kafka@2.12.1', 'node@24'];

/** The folder with @platformatic/kafka, and with a Node that it takes: it asks for a newer one than FLTS does. */
export function installPlatformatic(): Promise<string> {
  return installed('platformatic-kafka-2.12.1', (into) =>
    install('@platformatic/kafka', [
      'npm',
      'install',
      '--silent',
      '--no-audit',
      '--prefix',
      into,
      ...PACKAGES,
    ]),
  );
}
