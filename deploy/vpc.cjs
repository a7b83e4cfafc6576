// Where the functions run so that they reach MSK: in the subnets of VPC_SUBNET_IDS, in the security groups of
// VPC_SECURITY_GROUP_IDS (ids with commas between them). Without them: in no VPC of one's own.

/** `provider.vpc`. @throws where one of the two lists is there without the other */
module.exports = async function vpc({ resolveVariable }) {
  const listOf = async (name) =>
    (await resolveVariable(`env:${name}, ''`)).split(',').flatMap((id) => id.trim() || []);
  const [subnetIds, securityGroupIds] = [
    await listOf('VPC_SUBNET_IDS'),
    await listOf('VPC_SECURITY_GROUP_IDS'),
  ];
  if ((subnetIds.length === 0) !== (securityGroupIds.length === 0))
    throw new Error('VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS: expected both or none, got one of them');
  return subnetIds.length === 0 ? null : { subnetIds, securityGroupIds };
};
