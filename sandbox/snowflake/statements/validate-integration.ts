import { requirePrivilege } from "../catalog/privileges.ts";
import { accountOf } from "../catalog/scope.ts";
import type { Execution } from "../context.ts";
import { doesNotExist, SnowflakeError } from "../errors.ts";
import { causeOf, isMissing } from "../storage/aws-errors.ts";
import { joinUrl, parseS3Url, requireAllowed } from "../storage/locations.ts";
import type { StorageAccess } from "../storage/storage.ts";

type Action = "READ" | "WRITE" | "LIST" | "DELETE";
type Outcome = { status: "success" } | { message: string; status: "failure" };

/** Writing comes before reading and deleting after both, so that ALL can use one file of its own. */
const ALL: readonly Action[] = ["WRITE", "READ", "LIST", "DELETE"];
const FAILED =
  "Some of the integration checks failed. Check the Snowflake documentation for more information.";

/**
 * SYSTEM$VALIDATE_STORAGE_INTEGRATION(name, path, file, action) (docs: its page): tries to use a location through an integration and
 * answers JSON text. The name is case-sensitive; the location must be allowed; `read` needs a file that is there,
 * `write` one that is not.
 */
export async function validateStorageIntegration(
  execution: Execution,
  [name, location, file, action]: readonly [string, string, string, string],
): Promise<string> {
  const integration = accountOf(execution).integrations.get(name);
  if (!integration) throw doesNotExist("Integration", name);
  requirePrivilege(execution, "USAGE", integration);
  requireAllowed(integration, location);
  const actions = actionsOf(action);
  const target = parseS3Url(joinUrl(location, file));

  let access: StorageAccess;
  try {
    access = await execution.cloud.storage.open(execution.session.account, integration, execution.signal);
  } catch (error) {
    if (!(error instanceof SnowflakeError)) throw error;
    const message = error.message;
    return report(actions.map((each) => [each, { message, status: "failure" }]));
  }
  try {
    const outcomes: [Action, Outcome][] = [];
    for (const each of actions) {
      outcomes.push([each, await attempt(() => perform[each](access, target, parseS3Url(location)))]);
    }
    return report(outcomes);
  } finally {
    access.close();
  }
}

function actionsOf(action: string): readonly Action[] {
  const wanted = action.toUpperCase();
  if (wanted === "ALL") return ALL;
  if (ALL.some((known) => known === wanted)) return [wanted as Action];
  throw new SnowflakeError(
    "001015",
    "22023",
    `SQL compilation error:\ninvalid value '${action}' for argument 4 of function SYSTEM$VALIDATE_STORAGE_INTEGRATION: must be one of read, write, list, delete, all.`,
  );
}

type Perform = (
  access: StorageAccess,
  file: { bucket: string; key: string },
  location: { bucket: string; key: string },
) => Promise<void>;

const perform: Record<Action, Perform> = {
  READ: (access, file) => access.probe(file),
  WRITE: async (access, file) => {
    if (await access.exists(file)) throw new Error("The specified file already exists");
    await access.put(file, "storage integration validation");
  },
  LIST: async (access, _file, location) => {
    await access.list(location);
  },
  DELETE: (access, file) => access.delete(file),
};

async function attempt(work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
    return { status: "success" };
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    return { message: messageOf(error), status: "failure" };
  }
}

function messageOf(error: unknown): string {
  if (isMissing(error)) return "The specified file was not found";
  if (!(error instanceof SnowflakeError)) return causeOf(error);
  return /^Failure using stage area\. Cause: \[(.*)\]$/s.exec(error.message)?.[1] ?? error.message;
}

function report(outcomes: [Action, Outcome][]): string {
  const failed = outcomes.some(([, { status }]) => status === "failure");
  return JSON.stringify(
    {
      status: failed ? "failure" : "success",
      actions: Object.fromEntries(outcomes),
      ...(failed ? { message: FAILED } : {}),
    },
    null,
    2,
  );
}
