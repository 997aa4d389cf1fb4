import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RULES as policies } from "../../policies/rules.ts";

const page = readFileSync(join(__dirname, "../../docs/reviewing.md"), "utf8");

/** The rows of the table of policies: name, severity, sentence, settings. */
const rows = page
  .split("\n")
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(([, severity]) => /^(low|medium|high|critical)\b/.test(severity ?? ""));

describe("docs/reviewing.md", () => {
  test.each(policies.map((policy) => [policy.name, policy] as const))(
    "describes %s as it is",
    (name, policy) => {
      const [, severity, sentence, settings] = rows.find(([cell]) => cell === `\`${name}\``) ?? [];
      const level = policy.enforcementLevel === "mandatory" ? "" : `, ${policy.enforcementLevel}`;
      expect([severity, sentence]).toEqual([`${policy.severity}${level}`, policy.description]);
      for (const setting of Object.keys(policy.configSchema?.properties ?? {}))
        expect(settings).toContain(`\`${setting}\``);
    },
  );

  test("describes no policy that is not there", () => {
    expect(rows.map(([name]) => name).sort()).toEqual(policies.map(({ name }) => `\`${name}\``).sort());
  });
});

describe("the settings of the stacks", () => {
  test.each(["sandbox", "dev"])("%s.json names policies and settings that exist", (stack) => {
    const settings = JSON.parse(readFileSync(join(__dirname, `../../policies/config/${stack}.json`), "utf8"));
    for (const [name, value] of Object.entries<string | object>(settings)) {
      const policy = policies.find((policy) => policy.name === name);
      expect([name, policy?.name]).toEqual([name, name]);
      if (typeof value === "string") expect(["mandatory", "advisory", "disabled"]).toContain(value);
      else
        expect(Object.keys(policy?.configSchema?.properties ?? {})).toEqual(
          expect.arrayContaining(Object.keys(value)),
        );
    }
  });
});
