import { type Change, type Hostile, LOCKED, secret, withLogin } from "./change.ts";

/** Logins that are made by another plugin, as the engine tells it. */

const pluginBy = (version: string, internal: unknown): Change =>
  withLogin({ version, ...(internal !== undefined && { __internal: internal }) });
const byPlugin = (internal: unknown, version = LOCKED.aws) => pluginBy(version, internal);
const URL = { pluginDownloadURL: "https://evil.example/x" };

export const PLUGINS: readonly Hostile[] = [
  ["a plugin from elsewhere", byPlugin(URL), /another pluginDownloadURL/, byPlugin({})],
  ["a plugin from elsewhere, by an engine that kept none", byPlugin(URL), /pluginDownloadURL/, withLogin({})],
  [
    "a plugin from elsewhere, where a password differs",
    byPlugin({ pluginDownloadURL: "https://a:pass2word@evil.example" }),
    /another (pluginDownloadURL|__internal)/,
    byPlugin({ pluginDownloadURL: "https://a:pass1word@evil.example" }),
  ],
  ["a plugin from elsewhere no more", byPlugin({}), /another pluginDownloadURL/, byPlugin(URL)],
  [
    "another login out of the environment",
    byPlugin({ envVarMappings: { OTHER_KEY: "AWS_ACCESS_KEY_ID" } }),
    /another envVarMappings/,
    byPlugin({}),
  ],
  [
    "a plugin whose sum is another",
    byPlugin({ pluginChecksums: { "linux-amd64": "00" } }),
    /another pluginChecksums/,
    byPlugin({ pluginChecksums: { "linux-amd64": "ff" } }),
  ],
  [
    "a plugin that is told what to be",
    byPlugin({ name: "terraform-provider", version: "1.0.0", parameterization: "ZXZpbA==" }),
    /another parameterization/,
    byPlugin({}),
  ],
  ["all of it kept secret", byPlugin(secret("b")), /another __internal/, byPlugin(secret("a"))],
  ["a plugin of a version", pluginBy("7.49.0-evil.1", {}), /version 7\.49\.0-evil\.1 of/, byPlugin({})],
  ["an older plugin than the lockfile's", pluginBy("6.0.0", {}), /version 6\.0\.0 of/, byPlugin({})],
  ["a plugin of no version", withLogin({ __internal: {} }), /version unknown of/, byPlugin({})],
];
