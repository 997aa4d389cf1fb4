import { shareName } from "../components/partner/let-in.ts";
import { readConnection } from "../components/snowflake/connection.ts";
import { openSession } from "../components/snowflake/session.ts";
import { neighboursIn } from "../config/source.ts";
import type { Looker } from "./beside.ts";
import type { Plan } from "./engine-plan.ts";
import { SECRET } from "./values.ts";

/**
 * Opens a session as the stack's own login, which for a drift run is one who can only look.
 * @param project the folder in which the partners' stack files stand
 */
export async function openShow({ config, stack }: Plan, project: string): Promise<Looker> {
  // A secret of the config is not in the plan; the environment has to say it then.
  const read = (key: string) => (config[key] === SECRET ? undefined : config[key]);
  const role = read("snowflake:role") || process.env.SNOWFLAKE_ROLE;
  const session = await openSession(readConnection(read), {
    tag: "flux-ami drift",
    setup: role ? [`USE ROLE "${role.replaceAll('"', '""')}"`] : [],
  });
  const [own] = await session.rows("SELECT CURRENT_ROLE() AS ROLE");
  return {
    show: (statement) => session.rows(statement),
    role: String(own?.ROLE ?? ""),
    shares: neighboursIn(project, stack)
      .filter(({ values }) => values["flux-ami:owner"] === stack && values["flux-ami:way"] === "dataShare")
      .map(({ stack: partner, values }) =>
        shareName(config["flux-ami:environment"] || stack, values["flux-ami:partner"] || partner),
      ),
    close: () => session.close(),
  };
}
