import { regionFinding } from "../../preflight/checks/snowflake-account.ts";

test.each([
  ["PUBLIC.AWS_US_WEST_2", "us-west-2", "aws", "pass"],
  ["AWS_US_EAST_1_GOV", "us-east-1", "aws", "pass"],
  ["AWS_EU_WEST_1", "us-west-2", "aws", "advice"],
  ["AZURE_WESTEUROPE", "eu-west-1", "aws", "advice"],
  ["AWS_US_GOV_WEST_1", "us-west-2", "aws", "fail"],
  ["AWS_US_GOV_WEST_1_FHPLUS", "us-gov-west-1", "aws-us-gov", "pass"],
  ["AWS_US_GOV_WEST_1", "us-gov-east-1", "aws-us-gov", "fail"],
  ["AWS_US_EAST_1_GOV", "us-gov-east-1", "aws-us-gov", "fail"],
  ["AZURE_USGOVVIRGINIA", "us-gov-west-1", "aws-us-gov", "fail"],
  ["AWS_CN_NORTHWEST_1", "cn-northwest-1", "aws-cn", "pass"],
  ["AWS_CN_NORTHWEST_1", "cn-north-1", "aws-cn", "fail"],
] as const)("Snowflake in %s and a bucket in %s: %s %s", (current, region, partition, state) => {
  expect(regionFinding(current, region, partition)).toMatchObject({ state });
});
