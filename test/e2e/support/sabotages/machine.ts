import type { Sabotage } from "./means.ts";

export const machine: Sabotage[] = [
  { what: "Windows", bend: { at: { platform: "win32" } }, check: "machine.system", says: /Windows/ },
  { what: "an old Node", bend: { at: { node: "v20.20.1" } }, check: "machine.node", says: /v20\.20\.1/ },
  {
    what: "packages that were never installed",
    bend: async (project) => ({ at: { folder: project.other({ "left-pad": "1.3.0" }) } }),
    check: "machine.packages",
    says: /left-pad is not installed/,
  },
  {
    what: "another version of the Snowflake provider",
    bend: async (project) => ({ at: { folder: project.other({ "@pulumi/snowflake": "2.0.0" }) } }),
    check: "machine.packages",
    says: /@pulumi\/snowflake is 1\.3\.0, not 2\.0\.0/,
  },
];

export const pulumi: Sabotage[] = [
  {
    what: "no Pulumi CLI",
    bend: { at: { pulumi: async () => ({ exitCode: 1, stdout: "", stderr: "ENOENT: no pulumi" }) } },
    check: "pulumi.cli",
    says: /no command `pulumi`/,
  },
  {
    what: "no login to a backend",
    bend: { pulumi: { PULUMI_BACKEND_URL: "", PULUMI_HOME: "/nonexistent/home" } },
    check: "pulumi.backend",
    says: /no login to a backend/,
  },
  {
    what: "a stack that does not exist",
    bend: { at: { stack: "tset" } },
    check: "pulumi.stack",
    says: /no stack tset/,
  },
  {
    what: "no passphrase",
    bend: { pulumi: { PULUMI_CONFIG_PASSPHRASE: undefined } },
    check: "pulumi.secrets",
    says: /passphrase, which is not set/,
  },
  {
    what: "a wrong passphrase",
    bend: { pulumi: { PULUMI_CONFIG_PASSPHRASE: "wrong" } },
    check: "pulumi.secrets",
    says: /does not open/,
  },
];

export const config: Sabotage[] = [
  {
    what: "no AWS account in the config",
    bend: { config: { "flux-ami:awsAccountId": undefined } },
    check: "config.valid",
    says: /flux-ami:awsAccountId is missing/,
  },
  {
    what: "a misspelt key",
    bend: { config: { "flux-ami:warehousSize": "LARGE" } },
    check: "config.valid",
    says: /warehousSize.*\n.*\n.*did you mean|warehousSize[\s\S]*nearest/,
  },
  {
    what: "two mistakes",
    bend: { config: { "flux-ami:prefix": "/raw", "aws:region": "us-esat-1" } },
    check: "config.valid",
    says: /2 mistakes:[\s\S]*aws:region[\s\S]*flux-ami:prefix/,
  },
];
