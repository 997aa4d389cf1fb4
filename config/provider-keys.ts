import {
  chooseLogin,
  LOGIN_KEYS,
  privateKeyProblem,
  type ReadLogin,
  variableProblems,
} from "../components/snowflake/login.ts";
import { nearest } from "./field.ts";
import type { Mistake } from "./mistakes.ts";
import { accountName, organizationName, type Partition, partitionOf, REGIONS } from "./name-rules.ts";
import { SNOWFLAKE_KEYS, SNOWFLAKE_SECRETS, type Source, within } from "./source.ts";

/** The Snowflake account that the stack is deployed into. */
export interface SnowflakeAccount {
  readonly organizationName: string;
  readonly accountName: string;
}

/** Reads the AWS region (which may be missing where nothing is made in AWS), from `aws:region` or the environment, and the partition it lies in. */
export function readRegion(
  source: Source,
  needed: boolean,
  mistakes: Mistake[],
): { region: string; partition: Partition } {
  const set =
    source.values["aws:region"] || source.environment.AWS_REGION || source.environment.AWS_DEFAULT_REGION;
  const region = set ?? "";
  if (!REGIONS.includes(region) && (needed || set)) {
    const meant = nearest(region, REGIONS);
    mistakes.push({
      key: "aws:region",
      value: set,
      allowed: "an AWS region of the partitions aws, aws-us-gov or aws-cn",
      cure: set && meant ? `did you mean ${meant}?` : "pulumi config set aws:region us-east-1",
    });
  }
  return { region, partition: partitionOf(region) };
}

/** Reads which Snowflake account the stack lives in, and checks what else is said to the Snowflake provider. */
export function readSnowflake(source: Source, needed: boolean, mistakes: Mistake[]): SnowflakeAccount {
  const values = within("snowflake", source.values);
  for (const [name, value] of Object.entries(values)) {
    const key = `snowflake:${name}`;
    const secret = (SNOWFLAKE_SECRETS as readonly string[]).includes(name);
    if (!SNOWFLAKE_KEYS.includes(name)) {
      const meant =
        name === "account" ? "organizationName and snowflake:accountName" : nearest(name, SNOWFLAKE_KEYS);
      mistakes.push({
        key,
        value,
        allowed: "a key of the Snowflake provider",
        cure: meant ? `did you mean snowflake:${meant}?` : "remove it",
      });
    } else if (secret && !source.secretKeys.includes(key)) {
      mistakes.push({
        key,
        value: "(not shown)",
        allowed: "an encrypted value, or none and the variable in the environment",
        cure: `pulumi config set --secret ${key}, and change what has been in the file in plain text`,
      });
    }
  }
  const read = (name: keyof SnowflakeAccount, variable: string, field: typeof accountName) => {
    const value = values[name] || source.environment[variable];
    if (value && field.schema.safeParse(value).success) return value.toUpperCase();
    if (!value && !needed) return "";
    mistakes.push({
      key: `snowflake:${name}`,
      value,
      allowed: field.allowed,
      cure: `pulumi config set snowflake:${name} ${field.example}, or set ${variable}`,
    });
    return "";
  };
  if (needed && !source.foreign) noteLogin(source, mistakes);
  return {
    organizationName: read("organizationName", "SNOWFLAKE_ORGANIZATION_NAME", organizationName),
    accountName: read("accountName", "SNOWFLAKE_ACCOUNT_NAME", accountName),
  };
}

/** Notes what is wrong with the login to Snowflake, which would otherwise show in the middle of an update. */
function noteLogin(source: Source, mistakes: Mistake[]): void {
  const read: ReadLogin = (key) =>
    source.values[`snowflake:${key}`] || source.environment[LOGIN_KEYS[key]] || undefined;
  const { login, problems } = chooseLogin(read);
  const key = login.method === "SNOWFLAKE_JWT" && read("privateKey");
  const unusable = key ? privateKeyProblem(key, read("privateKeyPassphrase")) : undefined;
  const said = source.values["snowflake:authenticator"] || source.values["snowflake:privateKey"];
  const found = [...problems, ...(unusable ? [unusable] : [])];
  if (found.length === 0 && !said) found.push(...variableProblems(login, source.environment));
  for (const problem of found) {
    const secret = (SNOWFLAKE_SECRETS as readonly string[]).includes(problem.key);
    mistakes.push({
      key: `snowflake:${problem.key} (or ${LOGIN_KEYS[problem.key]})`,
      value: secret && read(problem.key) ? "(not shown)" : problem.value,
      allowed: problem.allowed,
      cure: problem.cure,
    });
  }
}

/** Notes an ARN of another partition than the stack's: such a principal cannot exist for it. */
export function notePartition(
  key: string,
  arn: string | undefined,
  partition: Partition,
  mistakes: Mistake[],
): void {
  const other = arn?.startsWith("arn:") ? arn.split(":")[1] : undefined;
  if (other === undefined || other === partition) return;
  mistakes.push({
    key,
    value: arn,
    allowed: `an ARN of the partition of aws:region: arn:${partition}:…`,
    cure: `take an account of partition ${partition}, or a region of partition ${other}`,
  });
}
