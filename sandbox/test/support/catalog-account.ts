import { CatalogCloud } from "./catalog-cloud.ts";

export const ARN = "arn:aws:iam::111111111111:role/reader";

export const integration = (name: string, rest = "") =>
  `CREATE STORAGE INTEGRATION ${name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' STORAGE_AWS_ROLE_ARN = '${ARN}'
   ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://raw/ami/', 's3://raw/other/') ${rest}`;

/** A local Snowflake for a file's tests, each of which has a session of its own in a fresh schema d.s. */
export function catalogAccount() {
  const at = {
    cloud: undefined as unknown as CatalogCloud,
    session: undefined as unknown as ReturnType<CatalogCloud["session"]>,
    /** What DESCRIBE says, by property. */
    properties: async (sql: string): Promise<Record<string, string | null>> =>
      Object.fromEntries(
        (await at.cloud.rows(at.session, sql)).map((row) => [row.property, row.property_value ?? null]),
      ),
  };
  beforeAll(async () => {
    at.cloud = await CatalogCloud.open();
  });
  afterAll(() => at.cloud.close());
  beforeEach(async () => {
    at.session = at.cloud.session();
    await at.cloud.all(at.session, "CREATE OR REPLACE DATABASE d", "CREATE SCHEMA s");
  });
  return at;
}
