import {
  explain,
  isSessionOver,
  isTransient,
  kindOf,
  LoadError,
  type Surroundings,
} from "../../../components/snowflake/errors.ts";
import { retry } from "../../../components/snowflake/retry.ts";

const at: Surroundings = {
  role: "LOADER",
  warehouse: "LOAD_WH",
  stage: '"DB"."S"."ST"',
  table: '"DB"."S"."T"',
  stageUrl: "s3://bucket/raw/ami/",
  loadSize: "MEDIUM",
  statementTimeoutSeconds: 60,
};
const failure = (message: string, code?: string) => Object.assign(new Error(message), code && { code });

test.each([
  [
    "role-missing",
    failure(
      `SQL compilation error:\nObject does not exist, or operation cannot be performed. (in: USE ROLE "LOADER")`,
      "002043",
    ),
    /GRANT ROLE LOADER/,
  ],
  [
    "warehouse-missing",
    failure(
      `SQL compilation error:\nObject does not exist, or operation cannot be performed. (in: USE WAREHOUSE "W")`,
      "002043",
    ),
    /LOAD_WH/,
  ],
  [
    "role-not-assumable",
    failure(
      "Error assuming AWS_ROLE:\nUser: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole on resource",
      "003167",
    ),
    /sts:ExternalId/,
  ],
  [
    "s3-access-denied",
    failure(
      "Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]",
      "091003",
    ),
    /s3:GetObject/,
  ],
  [
    "timeout",
    failure(
      "Statement reached its statement or warehouse timeout of 60 second(s) and was canceled.",
      "000630",
    ),
    /XLARGE/,
  ],
  ["token-expired", failure("OAuth access token expired. [1]", "390318"), /snowflake:token/],
  ["token-expired", failure("Programmatic access token is invalid.", "394400"), /snowflake:privateKey/],
  [
    "session-over",
    failure("Authentication token has expired.  The user must authenticate again.", "390114"),
    /session policy/,
  ],
  [
    "network-policy",
    failure("Incoming request with IP/Token 203.0.113.9 is not allowed to access Snowflake.", "390422"),
    /network policy/,
  ],
  [
    "second-factor",
    failure(
      "Failed to authenticate: MFA authentication is required, but none of your current MFA methods are supported for programmatic authentication.",
      "394508",
    ),
    /TYPE = SERVICE/,
  ],
  [
    "schema-mismatch",
    failure("SQL compilation error: error line 1 at position 7\ninvalid identifier 'METER'", "000904"),
    /columns in the file/,
  ],
  [
    "integration-lost",
    failure("Integration associated with the stage ST cannot be found", "003139"),
    /SET STORAGE_INTEGRATION/,
  ],
  [
    "location-not-allowed",
    failure("Location 's3://bucket/raw' is not allowed by integration 'SI'", "003127"),
    /STORAGE_ALLOWED_LOCATIONS/,
  ],
  [
    "bucket-missing",
    failure("The specified bucket does not exist (Status Code: 404; Error Code: NoSuchBucket)"),
    /bucket's name/,
  ],
  ["file-vanished", failure("Remote file 's3://bucket/x' was not found."), /lists anew/],
  ["cancelled", failure("SQL execution canceled", "000604"), /run `pulumi up -s <stack>` again/],
  [
    "quota",
    failure("Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota.", "090073"),
    /raise the monitor/,
  ],
  ["warehouse-missing", failure("No active warehouse selected in the current session.", "000606"), /LOAD_WH/],
  [
    "role-missing",
    failure(
      "SQL access control error:\nRequested role 'LOADER' is not assigned to the executing user.",
      "003013",
    ),
    /GRANT ROLE LOADER/,
  ],
  ["login-refused", failure("Incorrect username or password was specified.", "390100"), /snowflake:password/],
  [
    "privilege-missing",
    failure("SQL access control error:\nInsufficient privileges to operate on table 'T'", "003001"),
    /LOADER/,
  ],
  [
    "object-missing",
    failure("SQL compilation error:\nTable 'T' does not exist or not authorized.", "002003"),
    /pulumi up/,
  ],
  [
    "table-locked",
    failure(
      "Statement '1' has locked table 'T' in transaction 5 and this lock has not yet been released.",
      "000625",
    ),
    /transaction/,
  ],
  ["unreachable", failure("connect ECONNREFUSED 127.0.0.1:1"), /snowflake:host/],
  [
    "unreachable",
    Object.assign(new Error("Network error. Could not reach Snowflake."), { code: 401001 }),
    /goes on where this one stopped/,
  ],
])("%s: named, with cause and cure", (kind, error, cure) => {
  const explained = explain(error, at, "copying files");
  expect(explained).toBeInstanceOf(LoadError);
  expect(kindOf(explained)).toBe(kind);
  expect(explained.message).toMatch(cure);
  expect(explained.message).toContain(error.message.replaceAll("\n", " "));
  expect(explained.message).toMatch(/cure: \S/);
});

test("what is not known keeps Snowflake's own words and code", () => {
  const explained = explain(failure("Something new", "001234"), at, "verifying the table");
  expect(explained.message).toMatch(
    /While verifying the table: Snowflake said \(001234\): Something new\n {2}cure: /,
  );
});

test("an explained error is not explained twice", () => {
  const error = new LoadError("locked", "Taken.", "wait");
  expect(explain(error, at, "x")).toBe(error);
});

test("only what passes by itself is tried again", () => {
  expect(isTransient(failure("Request failed with status code 503"))).toBe(true);
  expect(isTransient(failure("read ECONNRESET"))).toBe(true);
  expect(isTransient(failure("Insufficient privileges", "003001"))).toBe(false);
  expect(
    isSessionOver(failure("Session no longer exists.  New login required to access the service.", "390111")),
  ).toBe(true);
  expect(isSessionOver(failure("SQL compilation error", "001003"))).toBe(false);
});

test("retries stop at their limit, at success, and at the first error that is for good", async () => {
  const limits = { attempts: 4, firstPause: 1, longestPause: 2 };
  let tries = 0;
  const action = async () => {
    tries += 1;
    throw new Error("still down");
  };
  await expect(retry(action, () => true, limits)).rejects.toThrow("still down");
  expect(tries).toBe(4);
  await expect(retry(action, () => false, limits)).rejects.toThrow("still down");
  expect(tries).toBe(5);
  let left = 2;
  await expect(
    retry(
      async () => (left-- > 0 ? Promise.reject(new Error("no")) : "yes"),
      () => true,
      limits,
    ),
  ).resolves.toBe("yes");
});
