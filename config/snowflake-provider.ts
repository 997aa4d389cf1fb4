import * as pulumi from "@pulumi/pulumi";
import * as snowflake from "@pulumi/snowflake";

/** The provider calls these a preview and refuses them at `up` (not before) unless they are switched on. */
const PREVIEW_FEATURES = [
  "snowflake_file_format_resource",
  "snowflake_share_resource",
  "snowflake_stage_resource",
  "snowflake_storage_integration_resource",
  "snowflake_table_resource",
];

const SECRETS = ["password", "privateKey", "privateKeyPassphrase", "token", "passcode"] as const;

/**
 * The Snowflake account that the stack lives in: login from the stack's `snowflake:` config, and from SNOWFLAKE_*
 * variables where that says nothing.
 */
export function snowflakeProvider(name = "snowflake"): snowflake.Provider {
  const config = new pulumi.Config("snowflake");
  const plain = Object.keys(snowflake.config).filter((key) => !(SECRETS as readonly string[]).includes(key));
  const args = {
    ...Object.fromEntries(plain.map((key) => [key, snowflake.config[key as keyof typeof snowflake.config]])),
    ...Object.fromEntries(SECRETS.map((key) => [key, config.getSecret(key)])),
    previewFeaturesEnabled: PREVIEW_FEATURES,
  };
  return new snowflake.Provider(name, args, { transformations: [withoutEnvironment] });
}

/**
 * The SDK copies variables such as SNOWFLAKE_PASSWORD into the provider's inputs, and with them into the state in plain
 * text. The provider reads the same variables itself, so what the config does not say is left to it.
 */
const withoutEnvironment: pulumi.ResourceTransformation = ({ props, opts }) => {
  const config = new pulumi.Config("snowflake");
  const said = Object.entries(props).filter(
    ([key]) => key === "previewFeaturesEnabled" || config.getSecret(key) !== undefined,
  );
  return { props: Object.fromEntries(said), opts };
};
