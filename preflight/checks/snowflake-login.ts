import { isListed, KINDS, SHARE, SHARED_DATABASE } from "../../components/existing/kinds.ts";
import { lookAtUsed, needsOf } from "../../components/existing/look.ts";
import { onStack } from "../../components/on-stack.ts";
import { shareName } from "../../components/partner/let-in.ts";
import { explain, firstLineOf, kindOf } from "../../components/snowflake/errors.ts";
import { chooseLogin, LOGIN_KEYS, type LoginKey } from "../../components/snowflake/login.ts";
import { qualified } from "../../components/sql.ts";
import { type EnvironmentConfig, STACK_KINDS, type StackConfig } from "../../config/index.ts";
import { usedBy } from "../../config/used.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";
import { type NeededPrivilege, neededPrivileges, neededToMount, neededToShare } from "../rights/snowflake.ts";
import type { World } from "../world.ts";

const LOGIN_FAULTS = ["role-missing", "other"];

/** What Snowflake answers to a login that it refuses, and what to do about it. */
function refusal(error: unknown, world: World): Finding {
  const kind = kindOf(error);
  const said = firstLineOf(error);
  const nothing = { role: "", warehouse: "", stage: "", table: "", stageUrl: "", loadSize: "" };
  const explained = explain(error, { ...nothing, statementTimeoutSeconds: 0 }, "logging in").message;
  const cure =
    /\n {2}cure: (.*)/.exec(explained)?.[1] ?? "compare snowflake: keys and variables with the account";
  if (kind === "unreachable")
    return fail(
      `Snowflake could not be reached: ${said}`,
      "compare snowflake:organizationName and snowflake:accountName with the account, and see whether this machine may reach it, or needs a proxy (HTTPS_PROXY)",
    );
  return fail(
    LOGIN_FAULTS.includes(kind)
      ? `Snowflake refused the login: ${said}`
      : `${explained.split("\n")[0]} (${said})`,
    onStack(cure, world.at.stack),
  );
}

/** An object of the account that the stack makes, under a name that nobody else may have taken. */
interface Made {
  readonly what: string;
  readonly type: string;
  /** Key of the config that names it. */
  readonly key: string;
  readonly name: string;
}

/** What the environment makes, and does not use because it was there. */
const objectsOf = (config: EnvironmentConfig): Made[] =>
  (
    [
      ["database", "snowflake:index/database:Database", "databaseName", config.useDatabase],
      ["warehouse", "snowflake:index/warehouse:Warehouse", "warehouseName", config.useWarehouse],
      [
        "integration",
        "snowflake:index/storageIntegration:StorageIntegration",
        "integrationName",
        config.useIntegration,
      ],
      ["role", "snowflake:index/accountRole:AccountRole", "loaderRoleName", config.useRole],
    ] as const
  )
    .filter(([, , , used]) => !used)
    .map(([what, type, key]) => ({ what, type, key, name: config[key] }));

/** What a stack makes in its account, and the privileges that it takes. */
async function makingOf(
  world: World,
  config: StackConfig,
): Promise<{ objects: Made[]; needed: NeededPrivilege[] }> {
  if (config.kind === "environment") return { objects: objectsOf(config), needed: neededPrivileges(config) };
  if (config.kind === "partner-consumer") {
    const name = config.databaseName;
    return {
      objects: [{ what: "database", type: SHARED_DATABASE, key: "databaseName", name }],
      needed: neededToMount(name),
    };
  }
  const name = shareName((await world.environment()).environment, config.partner);
  return { objects: [{ what: "share", type: SHARE, key: "partner", name }], needed: neededToShare(name) };
}

/** Who logs in, and whether they may make what the stack has. */
export const loginChecks: Check[] = [
  {
    id: "snowflake.login",
    title: "the login works",
    service: "snowflake",
    needs: ["config.valid"],
    kinds: STACK_KINDS,
    beforeUp: true,
    run: async (world) => {
      const { values } = await world.values();
      const read = (key: LoginKey) =>
        values[`snowflake:${key}`] || world.at.environment[LOGIN_KEYS[key]] || undefined;
      try {
        const session = await world.session();
        const [row] = await session.rows("SELECT CURRENT_USER() AS NAME, CURRENT_VERSION() AS VERSION");
        const { method } = chooseLogin(read).login;
        return pass(
          `${row?.NAME} by ${method === "SNOWFLAKE" ? "password, which Snowflake is ending" : method}`,
        );
      } catch (error) {
        return refusal(error, world);
      }
    },
  },
  {
    id: "snowflake.role",
    title: "the roles can be used",
    service: "snowflake",
    needs: ["snowflake.login"],
    kinds: STACK_KINDS,
    beforeUp: true,
    run: async (world) => {
      const config = await world.config();
      const role = await world.sessionRole();
      const deployerRoleName = config.kind === "environment" ? config.deployerRoleName : role;
      for (const name of new Set([deployerRoleName, role])) {
        try {
          await (await world.session()).rows(`USE ROLE ${qualified(name)}`);
        } catch (error) {
          const user = (await world.connection()).user;
          return fail(
            `the user may not use role ${name}: ${firstLineOf(error)}`,
            `GRANT ROLE ${name} TO USER ${user};   -- by who owns the role`,
          );
        }
      }
      return pass(role === deployerRoleName ? role : `${role}; ${deployerRoleName} gets the loader's`);
    },
  },
  {
    id: "snowflake.privileges",
    title: "the role may make what is missing",
    service: "snowflake",
    needs: ["snowflake.role", "pulumi.stack"],
    kinds: STACK_KINDS,
    beforeUp: true,
    run: async (world) => {
      const config = await world.config();
      const role = await world.sessionRole();
      const { has, roles } = await world.grants();
      if (roles.has("ACCOUNTADMIN")) return pass("ACCOUNTADMIN may do everything");
      const { needed } = await makingOf(world, config);
      const lacking: string[] = [];
      for (const { privilege, type, name, always } of needed)
        if (!has(privilege, "ACCOUNT") && (always || !(await world.made(type, name))))
          lacking.push(privilege);
      // docs: CREATE RESOURCE MONITOR, "can only be executed by account administrators".
      if (
        config.kind === "environment" &&
        config.monthlyCreditQuota !== undefined &&
        !(await world.made(
          "snowflake:index/resourceMonitor:ResourceMonitor",
          `${config.warehouseName}_MONITOR`,
        ))
      )
        return fail(
          `role ${role} cannot make the resource monitor of flux-ami:monthlyCreditQuota, which only ACCOUNTADMIN can`,
          `pulumi config rm -s ${world.at.stack} flux-ami:monthlyCreditQuota   # and have an account administrator set a monitor`,
        );
      return lacking.length === 0
        ? pass(`${needed.length} privileges of ${role}`)
        : fail(
            `role ${role} lacks ${lacking.join(", ")} on the account`,
            `USE ROLE ACCOUNTADMIN; GRANT ${lacking.join(", ")} ON ACCOUNT TO ROLE ${role};`,
          );
    },
  },
  {
    id: "snowflake.names",
    title: "the names are free, or the stack's",
    service: "snowflake",
    needs: ["snowflake.role", "pulumi.stack"],
    kinds: STACK_KINDS,
    run: async (world) => {
      const { objects } = await makingOf(world, await world.config());
      const session = await world.provider();
      const taken: Made[] = [];
      for (const object of objects) {
        const wanted = KINDS[object.type]?.({ name: object.name });
        if (wanted && !(await world.made(object.type, object.name)) && (await isListed(session, wanted)))
          taken.push(object);
      }
      const [first] = taken;
      return first === undefined
        ? pass("as far as the role can see")
        : fail(
            `${taken.map(({ what, name }) => `${what} ${name}`).join(", ")} exists already, and this stack has not made it`,
            `pulumi config set -s ${world.at.stack} flux-ami:${first.key} <another name>`,
          );
    },
  },
  {
    id: "snowflake.used",
    title: "what is used instead of made is as the stack needs it",
    service: "snowflake",
    needs: ["snowflake.role"],
    run: async (world) => {
      const used = usedBy(await world.environment());
      if (needsOf(used).length === 0 && !used.loader.existing) return pass("the stack makes everything");
      const { faults } = await lookAtUsed(await world.under(used.deployer), used);
      const parts = faults.map((fault) => fault.split("; cure: "));
      return parts.length === 0
        ? pass("all of it")
        : fail(parts.map(([said]) => said).join("; "), parts.map(([, cure]) => cure).join(" "));
    },
  },
];
