import type { LoadSettings, WarehouseSize } from "../components/verified-load/args.ts";
import type { EnvironmentConfig } from "./index.ts";

/**
 * What the config says about the load, in the load's own words; what is not set is left to the load's defaults.
 * @param usedWarehouseSize size of a warehouse that is not the stack's, which the load leaves as it is
 */
export function settingsOfLoad(config: EnvironmentConfig, usedWarehouseSize?: WarehouseSize) {
  const { metersTable, expectedFrom, expectedTo, quality, include, exclude, clusterBy } = config;
  return {
    environment: config.environment,
    path: config.readingsPath,
    restSize: usedWarehouseSize ?? config.warehouseSize,
    loadSize: usedWarehouseSize ?? config.loadWarehouseSize,
    statementTimeoutSeconds: config.statementTimeoutSeconds,
    maxRejectedRows: config.maxRejectedRows,
    replacedFiles: config.replacedFiles,
    maxRejectedShare: config.maxRejectedShare,
    publish: config.publish,
    verifyAll: config.verifyAll,
    meterCredits: config.meterCredits,
    keepLandedDays: config.keepLandedDays,
    onDelete: config.onDelete,
    ...(metersTable && { metersTable }),
    ...(expectedFrom && { expectedFrom }),
    ...(expectedTo && { expectedTo }),
    ...(include && { include }),
    ...(exclude && { exclude }),
    ...(clusterBy && { clusterBy }),
    ...(config.schema && { contract: config.schema }),
    ...(quality && { quality }),
  } satisfies Partial<LoadSettings>;
}
