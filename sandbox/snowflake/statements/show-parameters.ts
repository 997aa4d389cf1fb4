import { findDatabase, findSchema, findTable } from "../catalog/lookup.ts";
import type { Parameters } from "../catalog/model.ts";
import { mayKnow } from "../catalog/privileges.ts";
import { accountOf, type Context } from "../catalog/scope.ts";
import type { Handler } from "../context.ts";
import { doesNotExist, unsupported } from "../errors.ts";
import { displayIdentifier, likePattern } from "../grammar/identifiers.ts";
import type { ShowParameters } from "../grammar/show-statements.ts";
import { type ParameterDefinition, sessionParameters } from "../parameters.ts";
import { text } from "../result.ts";
import { isPublishers, objectParameters } from "./object-parameters.ts";
import { tabulate } from "./shown.ts";
import { knownUser } from "./user-rules.ts";

/** One step of inheritance: what is set there, and how SHOW PARAMETERS calls it. */
interface Level {
  level: string;
  parameters: Parameters;
}

interface Shown {
  definitions: [string, ParameterDefinition][];
  /** The nearest first. */
  levels: Level[];
}

const definitionsOf = (level: "WAREHOUSE" | "DATABASE" | "SCHEMA" | "TABLE") =>
  Object.entries(objectParameters).filter(([, { levels }]) => levels.includes(level));

function shown(context: Context, scope: ShowParameters["scope"]): Shown {
  const account = accountOf(context);
  const ofAccount = { level: "ACCOUNT", parameters: account.parameters };
  if (scope.type === "SESSION") {
    const { session } = context;
    const own = new Map(
      [...session.parameters].filter(([name, value]) => account.parameters.get(name) !== value),
    );
    return {
      definitions: Object.entries(sessionParameters),
      levels: [{ level: "SESSION", parameters: own }, ofAccount],
    };
  }
  if (scope.type === "ACCOUNT") {
    return {
      definitions: [...Object.entries(sessionParameters), ...Object.entries(objectParameters)].filter(
        ([name], index, all) => all.findIndex(([other]) => other === name) === index,
      ),
      levels: [ofAccount],
    };
  }
  return shownOfObject(context, scope as Named, ofAccount);
}

type Named = Extract<ShowParameters["scope"], { name: unknown }>;

function shownOfObject(context: Context, scope: Named, ofAccount: Level): Shown {
  const account = accountOf(context);
  const { name } = scope;
  const [first] = name as [string];
  switch (scope.type) {
    case "WAREHOUSE": {
      const warehouse = account.warehouses.get(first);
      if (!warehouse || !mayKnow(context, warehouse))
        throw doesNotExist("Warehouse", displayIdentifier(first));
      return {
        definitions: definitionsOf("WAREHOUSE"),
        levels: [{ level: "WAREHOUSE", parameters: warehouse.parameters }, ofAccount],
      };
    }
    case "USER": {
      return {
        definitions: Object.entries(sessionParameters),
        levels: [{ level: "USER", parameters: knownUser(context, first).parameters }, ofAccount],
      };
    }
    case "DATABASE": {
      const { mounted } = findDatabase(context, first);
      return {
        definitions: definitionsOf("DATABASE").filter(([name]) => !mounted.origin || !isPublishers(name)),
        levels: [{ level: "DATABASE", parameters: mounted.parameters }, ofAccount],
      };
    }
    case "SCHEMA": {
      const { schema, mounted } = findSchema(context, name);
      return {
        definitions: definitionsOf("SCHEMA"),
        levels: [
          { level: "SCHEMA", parameters: schema.parameters },
          { level: "DATABASE", parameters: mounted.parameters },
          ofAccount,
        ],
      };
    }
    case "TABLE": {
      const { object, schema, mounted } = findTable(context, name, "SHOW PARAMETERS");
      return {
        definitions: definitionsOf("TABLE"),
        levels: [
          { level: "TABLE", parameters: object.parameters },
          { level: "SCHEMA", parameters: schema.parameters },
          { level: "DATABASE", parameters: mounted.parameters },
          ofAccount,
        ],
      };
    }
    default:
      throw unsupported(`SHOW PARAMETERS IN ${scope.type}`);
  }
}

/** SHOW PARAMETERS: the level is empty where a parameter has its default. */
export const showParameters: Handler<ShowParameters> = ({ like, scope }, execution) => {
  const { definitions, levels } = shown(execution, scope);
  const pattern = like === undefined ? undefined : likePattern(like);
  return tabulate(
    ["key", "value", "default", "level", "description", "type"].map((name) => text(name)),
    definitions
      .filter(([name]) => !pattern || pattern.test(name))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, definition]) => {
        const set = levels.find(({ parameters }) => parameters.has(name));
        return {
          key: name,
          value: set?.parameters.get(name) ?? definition.default,
          default: definition.default,
          level: set?.level ?? "",
          description: definition.description,
          type: definition.type,
        };
      }),
  );
};
