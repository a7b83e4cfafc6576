// At deployment: writes the keys that osls does not know onto the mappings that it generated.
import { mskEventSchema, type MskEvent } from '../settings/schema.ts';
import type { CloudFormationResource, Serverless } from './serverless.ts';

/** Sets MaximumRetryAttempts, FunctionResponseTypes and DestinationConfig in the compiled template. */
export function addMappingProperties(serverless: Serverless): void {
  const { service } = serverless;
  const resources = Object.values(service.provider.compiledCloudFormationTemplate?.Resources ?? {});
  for (const functionKey of service.getAllFunctions()) {
    const logicalId = serverless.getProvider('aws').naming.getLambdaLogicalId(functionKey);
    for (const event of mskEvents(service.getFunction(functionKey).events ?? [])) {
      const mapping = resources.find((resource) => isMapping(resource, logicalId, event.topic));
      if (mapping?.Properties !== undefined) Object.assign(mapping.Properties, mappingProperties(event));
    }
  }
}

function mskEvents(events: readonly unknown[]): MskEvent[] {
  return events.flatMap((event) => {
    const msk: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'msk') : undefined;
    const parsed = mskEventSchema.safeParse(msk);
    return parsed.success ? [parsed.data] : [];
  });
}

function isMapping(
  { Type, Properties = {} }: CloudFormationResource,
  logicalId: string,
  topic: string,
): boolean {
  return (
    Type === 'AWS::Lambda::EventSourceMapping' &&
    JSON.stringify(Properties['Topics']) === JSON.stringify([topic]) &&
    (JSON.stringify(Properties['FunctionName']) ?? '').includes(JSON.stringify(logicalId))
  );
}

export function mappingProperties(event: MskEvent): Record<string, unknown> {
  const onFailure = event.destinations?.onFailure;
  const { functionResponseType, maximumRetryAttempts } = event;
  return {
    ...(maximumRetryAttempts === -1 ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(functionResponseType === undefined ? {} : { FunctionResponseTypes: [functionResponseType] }),
    ...(onFailure === undefined
      ? {}
      : { DestinationConfig: { OnFailure: { Destination: `kafka://${onFailure}` } } }),
  };
}
