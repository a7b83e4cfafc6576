// What the functions may do on AWS: with these buckets and these topics alone. osls gives all functions one role, so it is what
// any of them needs.

/** The statements of the role, from `custom.mskArn` and BUCKET_PREFIX. */
module.exports = async function statements({ resolveVariable }) {
  const clusterArn = await resolveVariable('self:custom.mskArn');
  const prefix = await resolveVariable("env:BUCKET_PREFIX, ''");
  const topics = Object.keys(await resolveVariable('self:custom.topics'));
  const buckets = await resolveVariable('self:custom.buckets');
  return [...storage(prefix, buckets), ...messages(clusterArn, topics)];
};

function storage(prefix, buckets) {
  const arnOf = (name) => `arn:aws:s3:::${prefix}${name}`;
  const objectsOf = (name) => `${arnOf(name)}/*`;
  return [
    // Of an object that is not there S3 says 404 only to who may list its bucket, else 403.
    allow(['s3:ListBucket'], buckets.map(arnOf)),
    allow(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], buckets.map(objectsOf)),
    // Checkpoints that are done with, and claims that waited.
    allow(['s3:DeleteObject'], [objectsOf('processed-data')]),
  ];
}

/** arn:aws:kafka:<region>:<account>:cluster/<name>/<uuid>; its topics and groups have ARNs like it. */
function messages(clusterArn, topics) {
  const within = (kind, name) => `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;
  return [
    allow(['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [clusterArn]),
    allow(
      [
        'kafka-cluster:Connect',
        'kafka-cluster:DescribeCluster',
        'kafka-cluster:DescribeClusterDynamicConfiguration',
      ],
      [clusterArn],
    ),
    allow(
      ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData', 'kafka-cluster:WriteData'],
      topics.map((topic) => within('topic', topic)),
    ),
    // The event source mappings' consumer groups, of which AWS names some itself.
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [within('group', '*')]),
  ];
}

function allow(Action, Resource) {
  return { Effect: 'Allow', Action, Resource };
}
