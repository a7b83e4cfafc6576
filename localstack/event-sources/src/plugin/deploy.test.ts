import { expect, it } from 'vitest';
import { addMappingProperties } from './deploy.ts';
import type { CloudFormationResource, Serverless } from './serverless.ts';

const msk = { arn: 'arn:aws:kafka:x', topic: 'orders' };

function mapping(logicalId: string, topic: string): CloudFormationResource {
  const FunctionName = { 'Fn::GetAtt': [logicalId, 'Arn'] };
  return { Type: 'AWS::Lambda::EventSourceMapping', Properties: { FunctionName, Topics: [topic] } };
}

it("writes the keys that osls does not know onto the function's own mapping", () => {
  const Resources = {
    one: mapping('TrainLambdaFunction', 'orders'),
    two: mapping('TrainLambdaFunction', 'others'),
    three: mapping('EvaluateLambdaFunction', 'orders'),
  };
  const event = {
    ...msk,
    maximumRetryAttempts: 5,
    functionResponseType: 'ReportBatchItemFailures',
    destinations: { onFailure: 'kafka://dead' },
  };
  const serverless = {
    service: {
      provider: { compiledCloudFormationTemplate: { Resources } },
      getAllFunctions: () => ['train'],
      getFunction: () => ({ name: 'train', handler: 'h.h', events: [{ msk: event }] }),
    },
    getProvider: () => ({ naming: { getLambdaLogicalId: () => 'TrainLambdaFunction' } }),
  };
  addMappingProperties(serverless as unknown as Serverless);
  expect(Resources.one.Properties).toMatchObject({
    MaximumRetryAttempts: 5,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    DestinationConfig: { OnFailure: { Destination: 'kafka://dead' } },
  });
  expect(Object.keys(Resources.two.Properties!)).toEqual(['FunctionName', 'Topics']);
  expect(Object.keys(Resources.three.Properties!)).toEqual(['FunctionName', 'Topics']);
});
