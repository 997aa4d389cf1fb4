import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";
import { chooseLogin, LOGIN_KEYS, type LoginKey } from "../components/snowflake/login.ts";
import { SNOWFLAKE_KEYS, SNOWFLAKE_SECRETS } from "./source.ts";

/** The provider calls these a preview and refuses them at `up` (not before) unless they are switched on. */
const PREVIEW_FEATURES = [
  "snowflake_file_format_resource",
  "snowflake_share_resource",
  "snowflake_stage_resource",
  "snowflake_storage_integration_resource",
  "snowflake_table_resource",
];

/**
 * The Snowflake account that the stack lives in: login from the stack's `snowflake:` config, and from SNOWFLAKE_*
 * variables where that says nothing.
 */
export function snowflakeProvider(name = "snowflake"): snowflake.Provider {
  const config = new pulumi.Config("snowflake");
  const plain = SNOWFLAKE_KEYS.filter((key) => !(SNOWFLAKE_SECRETS as readonly string[]).includes(key));
  const args: Record<string, unknown> = {
    ...Object.fromEntries(plain.map((key) => [key, snowflake.config[key as keyof typeof snowflake.config]])),
    ...Object.fromEntries(SNOWFLAKE_SECRETS.map((key) => [key, config.getSecret(key)])),
    previewFeaturesEnabled: PREVIEW_FEATURES,
  };
  const said = Object.keys(args).filter(
    (key) => key === "previewFeaturesEnabled" || config.getSecret(key) !== undefined,
  );
  const own = { ...Object.fromEntries(said.map((key) => [key, args[key]])), ...translated() };
  return new snowflake.Provider(name, own, { transformations: [nothingElseThan(own)] });
}

/** What the config says of the login in other words than the provider's. */
function translated(): Record<string, unknown> {
  const said = (key: LoginKey) => pulumi.runtime.getConfig(`snowflake:${key}`) || undefined;
  const { login } = chooseLogin((key) => said(key) ?? process.env[LOGIN_KEYS[key]]);
  const { method, privateKey } = login;
  const inOtherWords =
    said("authenticator") === undefined
      ? method === "SNOWFLAKE_JWT" && said("privateKey") !== undefined
      : said("authenticator")?.toUpperCase() !== method;
  return {
    ...(inOtherWords && { authenticator: method }),
    ...(said("privateKey") !== undefined && { privateKey: pulumi.secret(privateKey) }),
  };
}

/**
 * The SDK copies variables such as SNOWFLAKE_PASSWORD into the provider's inputs, and with them into the state in plain
 * text. The provider reads the same variables itself, so what the config does not say is left to it.
 */
function nothingElseThan(own: object): pulumi.ResourceTransformation {
  return ({ props, opts }) => ({
    props: Object.fromEntries(Object.entries(props).filter(([key]) => key in own)),
    opts,
  });
}
