import type { Used } from "../components/existing/look.ts";
import { storageUrl } from "../components/storage-location.ts";
import type { EnvironmentConfig } from "./index.ts";

/** What of the config says what is used. */
export type UsingConfig = Pick<
  EnvironmentConfig,
  | "bucketName"
  | "databaseName"
  | "deployerRoleName"
  | "integrationName"
  | "loaderRoleName"
  | "partition"
  | "prefix"
  | "schemaName"
  | "warehouseName"
> &
  Partial<
    Pick<
      EnvironmentConfig,
      "adoptBucket" | "useDatabase" | "useIntegration" | "useRole" | "useSchema" | "useWarehouse"
    >
  >;

/** What the config says is used instead of made. */
export function usedBy(config: UsingConfig): Used {
  return {
    deployer: config.deployerRoleName,
    loader: { name: config.loaderRoleName, existing: config.useRole ?? false },
    ...(config.adoptBucket && { bucket: config.bucketName }),
    ...(config.useDatabase && { database: config.databaseName }),
    ...(config.useSchema && { schema: config.schemaName }),
    ...(config.useWarehouse && { warehouse: config.warehouseName }),
    ...(config.useIntegration && {
      integration: {
        name: config.integrationName,
        url: storageUrl(config.partition, config.bucketName, config.prefix),
      },
    }),
  };
}
