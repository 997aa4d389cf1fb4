import type { LoadSettings } from "../components/verified-load/args.ts";
import type { EnvironmentConfig } from "./index.ts";

/** What the config says about the load, in the load's own words; what is not set is left to the load's defaults. */
export function loadSettings(config: EnvironmentConfig) {
  const { metersTable, expectedFrom, expectedTo, quality } = config;
  return {
    environment: config.environment,
    path: config.readingsPath,
    restSize: config.warehouseSize,
    loadSize: config.loadWarehouseSize,
    statementTimeoutSeconds: config.statementTimeoutSeconds,
    maxRejectedRows: config.maxRejectedRows,
    replacedFiles: config.replacedFiles,
    maxRejectedShare: config.maxRejectedShare,
    publish: config.publish,
    verifyAll: config.verifyAll,
    keepLandedDays: config.keepLandedDays,
    onDelete: config.onDelete,
    ...(metersTable && { metersTable }),
    ...(expectedFrom && { expectedFrom }),
    ...(expectedTo && { expectedTo }),
    ...(quality && { quality }),
  } satisfies Partial<LoadSettings>;
}
