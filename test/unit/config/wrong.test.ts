import { readConfig } from "../../../config/index.ts";
import { CONSUMER, PARTNER, RIGHT, refused, source, type Wrong } from "./support.ts";
import { wrongEnvironments } from "./wrong-environments.ts";
import { wrongConsumers, wrongPartners } from "./wrong-partners.ts";

const rows = (base: Record<string, string>, wrongs: Wrong[]) =>
  wrongs.map(([set, key, says]) => ({
    set: { ...base, ...set },
    key,
    says,
    title: `${key}: ${JSON.stringify(set)}`,
  }));

const wrongs = [
  ...rows(RIGHT, wrongEnvironments),
  ...rows(PARTNER, wrongPartners),
  ...rows(CONSUMER, wrongConsumers),
];

describe("a wrong config", () => {
  test.each(wrongs)("$title", ({ set, key, says }) => {
    const error = refused(set);
    const mistake = error.mistakes.find((one) => one.key === key);
    expect({ keys: error.mistakes.map((one) => one.key), mistake }).toMatchObject({ mistake: { key } });
    // Key, value, what is allowed and the cure are all in the one message.
    expect(error.message).toContain(key);
    if (mistake?.value !== undefined) expect(error.message).toContain(JSON.stringify(mistake.value));
    expect(error.message).toContain(mistake?.allowed);
    expect(error.message).toContain(mistake?.cure);
    expect(error.message).toMatch(says);
    expect(error.message).toContain("nothing was changed");
  });

  test("has only the one mistake that was made", () => {
    const several = wrongs.filter(({ set }) => refused(set).mistakes.length !== 1);
    // The two names that an environment of 60 letters makes too long.
    expect(several.map(({ key }) => key)).toEqual(["flux-ami:bucketName"]);
  });

  test("is told of all its mistakes at once", () => {
    const error = refused({
      ...RIGHT,
      "aws:region": "mars-1",
      "flux-ami:warehouseSize": "HUGE",
      "flux-ami:autoSuspendSeconds": "900",
      "flux-ami:prefx": "raw/",
      "flux-ami:quality": '{"voltage":{"min":"x","maxx":1}}',
      "snowflake:password": "hunter2",
    });
    expect(error.mistakes.map((one) => one.key).sort()).toEqual([
      "aws:region",
      "flux-ami:autoSuspendSeconds",
      "flux-ami:prefx",
      "flux-ami:quality.voltage.maxx",
      "flux-ami:quality.voltage.min",
      "flux-ami:warehouseSize",
      "snowflake:password",
    ]);
    expect(error.message).toMatch(/^7 mistakes in the config of stack dev/);
  });

  test("says in one mistake that there is no login to Snowflake, with the command that cures it", () => {
    const error = refused(RIGHT, { environment: {} });
    expect(error.mistakes).toHaveLength(1);
    expect(error.message).toMatch(/there is no login to Snowflake[\s\S]*cure: export SNOWFLAKE_USER=/);
    const bucketAccess = {
      ...PARTNER,
      "flux-ami:way": "bucketAccess",
      "flux-ami:partnerPrincipal": "222222222222",
    };
    expect(() => readConfig(source(bucketAccess, { environment: {} }))).not.toThrow();
  });

  test("never shows a secret", () => {
    expect(refused({ ...RIGHT, "snowflake:password": "hunter2" }).message).not.toContain("hunter2");
    const environment = { SNOWFLAKE_USER: "U", SNOWFLAKE_PRIVATE_KEY: "hunter2", SNOWFLAKE_TOKEN: "hunter3" };
    const { message } = refused({ ...RIGHT, "snowflake:authenticator": "JWT" }, { environment });
    expect(message).toMatch(/snowflake:privateKey \(or SNOWFLAKE_PRIVATE_KEY\) is "\(not shown\)"/);
    expect(message).not.toMatch(/hunter/);
  });
});
