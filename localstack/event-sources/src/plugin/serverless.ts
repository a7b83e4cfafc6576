// What is used of the Serverless instance that a plugin receives.
import type { ServiceFunction } from '../settings/service-mappings.ts';

export interface Serverless {
  readonly serviceDir?: string;
  readonly config: { readonly servicePath?: string };
  readonly service: {
    readonly service: string;
    readonly custom?: Readonly<Record<string, unknown>>;
    readonly provider: {
      readonly region?: string;
      readonly stage?: string;
      readonly timeout?: number;
      readonly compiledCloudFormationTemplate?: {
        readonly Resources: Record<string, CloudFormationResource>;
      };
    };
    readonly getAllFunctions: () => string[];
    readonly getFunction: (key: string) => ServiceFunction;
  };
  readonly configSchemaHandler: {
    readonly defineFunctionEventProperties: (provider: string, event: string, schema: object) => void;
  };
  readonly getProvider: (name: 'aws') => {
    readonly naming: { readonly getLambdaLogicalId: (functionKey: string) => string };
  };
  readonly pluginManager: { readonly spawn: (command: string) => Promise<void> };
}

/** The folder of serverless.yml. */
export function serviceDirOf({ serviceDir, config }: Serverless): string {
  return serviceDir ?? config.servicePath ?? process.cwd();
}

export interface CloudFormationResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}
