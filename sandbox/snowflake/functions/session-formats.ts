import type { Session } from "../context.ts";
import type { Connection } from "../engine/engine.ts";
import { quoteLiteral } from "../grammar/identifiers.ts";
import { invalidValue } from "../grammar/properties.ts";
import { parameterOf, sessionParameters } from "../parameters.ts";
import { reading, strftime } from "./date-formats.ts";

/** A variable of the engine that macros read, and what a session's parameters make of it: undefined as by default. */
type Setting = readonly [variable: string, value: string | undefined];

const isDefault = (name: string, value: string): boolean => value === sessionParameters[name]?.default;

/** How a session writes one kind of moment; what has no format of its own has TIMESTAMP_OUTPUT_FORMAT. */
function written(session: Session, variable: string, name: string): Setting {
  const own = parameterOf(session, name);
  const source = own === "" ? "TIMESTAMP_OUTPUT_FORMAT" : name;
  const format = parameterOf(session, source);
  return [variable, isDefault(source, format) ? undefined : strftime(format, source)];
}

/** How it reads one; undefined for AUTO. */
function read(session: Session, name: string) {
  const format = parameterOf(session, name);
  return format.toUpperCase() === "AUTO" ? undefined : reading(format, name);
}

function settings(session: Session): Setting[] {
  const timestamp = read(session, "TIMESTAMP_INPUT_FORMAT");
  const upper = (name: string) => {
    const value = parameterOf(session, name).toUpperCase();
    return isDefault(name, value) ? undefined : value.replace("UTF8", "UTF-8");
  };
  return [
    written(session, "sf_ntz", "TIMESTAMP_NTZ_OUTPUT_FORMAT"),
    written(session, "sf_ltz", "TIMESTAMP_LTZ_OUTPUT_FORMAT"),
    written(session, "sf_tz", "TIMESTAMP_TZ_OUTPUT_FORMAT"),
    written(session, "sf_date", "DATE_OUTPUT_FORMAT"),
    written(session, "sf_time", "TIME_OUTPUT_FORMAT"),
    ["sf_binary", upper("BINARY_OUTPUT_FORMAT")],
    ["sf_in_timestamp", timestamp?.plain],
    ["sf_in_zoned", timestamp?.zoned ? "yes" : undefined],
    ["sf_in_date", read(session, "DATE_INPUT_FORMAT")?.plain],
    ["sf_in_time", read(session, "TIME_INPUT_FORMAT")?.plain],
    ["sf_in_binary", upper("BINARY_INPUT_FORMAT")],
  ];
}

/** What each connection has been told last. */
const told = new WeakMap<object, string>();

/**
 * Has conversions on a connection follow a session's time zone and formats (docs: Parameters; Date and time input and
 * output formats), in place of what it followed before.
 */
export async function followSession(connection: Connection, session: Session): Promise<void> {
  const before = told.get(connection.duckdb);
  const zone = `SET TimeZone = ${quoteLiteral(parameterOf(session, "TIMEZONE"))}`;
  const formats = settings(session).flatMap(([variable, value]) => {
    if (value !== undefined) return `SET VARIABLE ${variable} = ${quoteLiteral(value)}`;
    return before?.includes(`VARIABLE ${variable} =`) ? `RESET VARIABLE ${variable}` : [];
  });
  const wanted = [zone, ...formats].join("; ");
  if (wanted === before) return;
  await connection.run(wanted);
  told.set(connection.duckdb, wanted);
}

/** Refuses by name a format that conversions would not follow. */
export function requireFormat(name: string, value: string): void {
  if (/^(?:DATE|TIME|TIMESTAMP).*_OUTPUT_FORMAT$/.test(name)) strftime(value, name);
  else if (/^(?:DATE|TIME|TIMESTAMP)_INPUT_FORMAT$/.test(name) && value.toUpperCase() !== "AUTO")
    reading(value, name);
  const words = {
    BINARY_INPUT_FORMAT: ["HEX", "BASE64", "UTF-8", "UTF8"],
    BINARY_OUTPUT_FORMAT: ["HEX", "BASE64"],
    TIMESTAMP_TYPE_MAPPING: ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "TIMESTAMP_TZ"],
  }[name];
  if (words && !words.includes(value.toUpperCase())) throw invalidValue(name, value, words.join(", "));
}
