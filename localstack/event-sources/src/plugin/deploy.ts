// At deployment: writes the keys that osls does not know onto the mappings that it generated.
import type { MappingEvent } from '../settings/mapping-event.ts';
import { readMappingEvents } from '../settings/service-mappings.ts';
import type { CloudFormationResource, Serverless } from './serverless.ts';

/**
 * Completes each mapping in the compiled template, so that a deployment behaves as the laptop does.
 * @throws EventSourceError EVENT_SOURCE_SETTING_INVALID naming function, event and key.
 */
export function addMappingProperties(serverless: Serverless): void {
  const { service } = serverless;
  const resources = Object.values(service.provider.compiledCloudFormationTemplate?.Resources ?? {});
  for (const functionKey of service.getAllFunctions()) {
    const logicalId = serverless.getProvider('aws').naming.getLambdaLogicalId(functionKey);
    for (const event of readMappingEvents(functionKey, service.getFunction(functionKey).events ?? [])) {
      const mapping = resources.find((resource) => isMapping(resource, logicalId, event));
      if (mapping?.Properties !== undefined) Object.assign(mapping.Properties, mappingProperties(event));
    }
  }
}

function isMapping(
  { Type, Properties = {} }: CloudFormationResource,
  logicalId: string,
  { topic, source }: MappingEvent,
): boolean {
  return (
    Type === 'AWS::Lambda::EventSourceMapping' &&
    JSON.stringify(Properties['Topics']) === JSON.stringify([topic]) &&
    Object.hasOwn(Properties, 'SelfManagedEventSource') === (source.kind === 'kafka') &&
    (JSON.stringify(Properties['FunctionName']) ?? '').includes(JSON.stringify(logicalId))
  );
}

/** What osls writes of the event by itself is left out, save a window of 0 s, which it drops. */
export function mappingProperties(event: MappingEvent): Record<string, unknown> {
  const { functionResponseType, maximumRetryAttempts, maximumRecordAgeInSeconds, onFailure } = event;
  return {
    ...(event.maximumBatchingWindow === 0 ? { MaximumBatchingWindowInSeconds: 0 } : {}),
    ...(maximumRetryAttempts === -1 ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumRecordAgeInSeconds === -1 ? {} : { MaximumRecordAgeInSeconds: maximumRecordAgeInSeconds }),
    ...(event.bisectBatchOnFunctionError ? { BisectBatchOnFunctionError: true } : {}),
    ...(functionResponseType === undefined ? {} : { FunctionResponseTypes: [functionResponseType] }),
    ...(onFailure === undefined ? {} : { DestinationConfig: { OnFailure: { Destination: onFailure } } }),
  };
}
