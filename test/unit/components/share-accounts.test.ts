import { differs, open, openTo } from "../../../components/partner/accounts/accounts.ts";
import { localSnowflake } from "../support/local-snowflake.ts";

const snowflake = localSnowflake([
  "CREATE DATABASE D",
  'CREATE SHARE "s"',
  "CREATE SHARE S",
  "GRANT USAGE ON DATABASE D TO SHARE S",
]);
const PARTNER = "PARTNERCO.ANALYTICS";
const STRANGER = "STRANGER.ACCOUNT";

test("a share is open to just these accounts, whoever it was open to before", async () => {
  const session = snowflake();
  const opened = async (...accounts: string[]) => {
    await open(session, { share: "S", accounts });
    return openTo(session, "S");
  };
  expect(await openTo(session, "S")).toEqual([]);
  expect(await opened(PARTNER)).toEqual([PARTNER]);
  await session.rows(`ALTER SHARE S ADD ACCOUNTS = ${STRANGER}`);
  expect(await openTo(session, "S")).toEqual([PARTNER, STRANGER]);
  expect(await opened(PARTNER)).toEqual([PARTNER]);
  expect(await opened(STRANGER)).toEqual([STRANGER]);
  expect(await opened()).toEqual([]);
});

test("what is open already is not touched: a partner would have to mount it anew", async () => {
  await open(snowflake(), { share: "S", accounts: [PARTNER] });
  const said: string[] = [];
  const session = snowflake(async ({ kind }) => void said.push(kind));
  await open(session, { share: "S", accounts: [PARTNER] });
  expect(said).toEqual(["show"]);
});

test("who cannot be let in shuts nobody out, and is named with a cure", async () => {
  const session = snowflake();
  await open(session, { share: "S", accounts: [PARTNER] });
  await expect(open(session, { share: "S", accounts: ["NOBODY.HERE"] })).rejects.toThrow(
    /share S could not be opened to NOBODY\.HERE: .*cure: correct flux-ami:partnerSnowflakeAccount/s,
  );
  expect(await openTo(session, "S")).toEqual([PARTNER]);
  await expect(open(session, { share: "GONE", accounts: [] })).rejects.toThrow(
    /share GONE is not there, or the role of this login may not see it, so nobody was let in or shut out\n {2}cure: /,
  );
});

test("an account is the same in any case of letters, and in quotes", async () => {
  await open(snowflake(), { share: "S", accounts: [PARTNER] });
  const said: string[] = [];
  const session = snowflake(async ({ kind }) => void said.push(kind));
  await open(session, { share: "S", accounts: ['"partnerco"."analytics"'] });
  expect(said).toEqual(["show"]);
});

test("a share that is not there is open to nobody, and is not one in other letters", async () => {
  expect(await openTo(snowflake(), "GONE")).toBeUndefined();
  expect(await openTo(snowflake(), "s")).toEqual([]);
});

test("other accounts, and other code in the state, are a difference; the order of the inputs is none", () => {
  const one = { share: "S", accounts: [PARTNER], __provider: "code" };
  expect(differs(one, { __provider: "code", accounts: [PARTNER], share: "S" })).toBe(false);
  expect(differs(one, { ...one, accounts: [PARTNER, STRANGER] })).toBe(true);
  expect(differs(one, { ...one, __provider: "other code" })).toBe(true);
});
