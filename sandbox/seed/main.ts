/**
 * Fills the sandbox: meter readings as snappy parquet into the bucket, METER_INFRASTRUCTURE into the local Snowflake.
 * `node sandbox/seed/main.ts --help` says how. Flags have the environment's METERS, DAYS, FROM, FAULTS, SEED, SEED_BUCKET,
 * SEED_PREFIX and REPLACE as their defaults.
 */
import { S3Client } from "@aws-sdk/client-s3";
import { duration, number, plural } from "../../components/format.ts";
import { type SnowflakeLogin, seedInfrastructure } from "./infrastructure.ts";
import { HELP, OptionError, readOptions } from "./options.ts";
import { seedReadings } from "./seed-readings.ts";

function snowflakeLogin(environment: NodeJS.ProcessEnv): SnowflakeLogin {
  const need = (name: string): string => {
    const value = environment[name];
    if (!value)
      throw new OptionError(
        `${name} is not set: start the sandbox and source its env.sh, or say --readings-only`,
      );
    return value;
  };
  const protocol = environment.SNOWFLAKE_PROTOCOL || "https";
  return {
    account: `${need("SNOWFLAKE_ORGANIZATION_NAME")}-${need("SNOWFLAKE_ACCOUNT_NAME")}`,
    accessUrl: `${protocol}://${need("SNOWFLAKE_HOST")}:${environment.SNOWFLAKE_PORT || "443"}`,
    username: need("SNOWFLAKE_USER"),
    password: need("SNOWFLAKE_PASSWORD"),
    role: environment.SNOWFLAKE_ROLE,
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const login = options.readingsOnly ? null : snowflakeLogin(process.env);
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (!endpoint)
    throw new OptionError("AWS_ENDPOINT_URL is not set: start the sandbox and source its env.sh");

  const s3 = new S3Client({ endpoint, region: process.env.AWS_REGION ?? "us-east-1", forcePathStyle: true });
  try {
    const done = await seedReadings(s3, options);
    const where = `s3://${options.bucket}/${options.prefix}`;
    console.log(
      done.files === 0
        ? `nothing to write: ${plural(done.filesKept, "file")} in ${where} already`
        : `${number(done.rows)} readings in ${plural(done.files, "file")} (${(done.bytes / 1e6).toFixed(1)} MB) written to ${where} in ${duration(done.milliseconds / 1000)}` +
            (options.faults.length > 0 ? `, with faults: ${options.faults.join(", ")}` : "") +
            (done.filesKept > 0 ? `; ${plural(done.filesKept, "file")} there already` : ""),
    );
  } finally {
    s3.destroy();
  }
  if (login) {
    const added = await seedInfrastructure(login, options.meters);
    console.log(
      added > 0
        ? `${number(added)} meters written to METER_INFRASTRUCTURE`
        : "METER_INFRASTRUCTURE has all meters already",
    );
  }
}

// Ending by "exit" lets what is on disk be tidied up.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
try {
  if (process.argv.includes("--help")) console.log(HELP);
  else await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  if (/ECONNREFUSED/.test(`${message} ${(error as NodeJS.ErrnoException).code}`))
    console.error("the sandbox is not running: start it with `make up`");
  else console.error(error instanceof OptionError ? message : `the data could not be made: ${message}`);
  process.exitCode = error instanceof OptionError ? 2 : 1;
}
