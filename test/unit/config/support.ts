import { type EnvironmentConfig, readConfig } from "../../../config/index.ts";
import { ConfigError } from "../../../config/mistakes.ts";
import type { Neighbour, Source } from "../../../config/source.ts";

export const RIGHT = {
  "aws:region": "us-east-1",
  "snowflake:organizationName": "FLUX",
  "snowflake:accountName": "OPERATIONS",
  "flux-ami:awsAccountId": "111111111111",
};
export const PARTNER = {
  "aws:region": "us-east-1",
  "snowflake:organizationName": "FLUX",
  "snowflake:accountName": "OPERATIONS",
  "flux-ami:kind": "partner",
  "flux-ami:owner": "prod",
};
export const CONSUMER = {
  "aws:region": "us-east-1",
  "snowflake:organizationName": "PARTNERCO",
  "snowflake:accountName": "ANALYTICS",
  "flux-ami:kind": "partner-consumer",
};

export const LOGIN = { SNOWFLAKE_USER: "DEPLOYER", SNOWFLAKE_PASSWORD: "from the environment" };

interface Given {
  stack?: string;
  secretKeys?: string[];
  environment?: Record<string, string>;
  neighbours?: Neighbour[];
}

export const source = (values: Record<string, string | undefined>, given: Given = {}): Source => ({
  stack: given.stack ?? "dev",
  values,
  secretKeys: given.secretKeys ?? [],
  today: "2026-07-01",
  environment: given.environment ?? LOGIN,
  neighbours: () => given.neighbours ?? [],
});

export const environment = (values: Record<string, string | undefined> = {}, given?: Given) =>
  readConfig(source({ ...RIGHT, ...values }, given)) as EnvironmentConfig;

export function refused(values: Record<string, string | undefined>, given?: Given): ConfigError {
  try {
    readConfig(source(values, given));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the config was accepted");
}

/** A wrong config: what is set, the key at fault, and what the message must say of what is allowed or of the cure. */
export type Wrong = [set: Record<string, string | undefined>, key: string, says: RegExp];
