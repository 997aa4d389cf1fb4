/**
 * An error as Snowflake reports it: a six-digit code, a SQLSTATE and a message.
 * Clients tell errors apart by code and by message text, so both are Snowflake's own where they are known; other texts
 * say in this server's words what it refuses.
 */
export class SnowflakeError extends Error {
  override readonly name = "SnowflakeError";
  /** Six digits, for example "002003". */
  readonly code: string;
  /** Five characters, for example "02000". */
  readonly sqlState: string;

  constructor(code: string, sqlState: string, message: string) {
    super(message);
    this.code = code;
    this.sqlState = sqlState;
  }
}

const compilation = (detail: string) => `SQL compilation error:\n${detail}`;

/** 002003: the object is missing, or the role may not know that it is there. */
export const doesNotExist = (kind: string, name: string) =>
  new SnowflakeError("002003", "02000", compilation(`${kind} '${name}' does not exist or not authorized.`));

/** 002043: DROP, ALTER or DESCRIBE of an object that is missing. */
export const cannotBePerformed = () =>
  new SnowflakeError(
    "002043",
    "02000",
    compilation("Object does not exist, or operation cannot be performed."),
  );

/** 002002: CREATE of an object that is there. */
export const alreadyExists = (kind: string, name: string) =>
  new SnowflakeError("002002", "42710", compilation(`${kind} '${name}' already exists.`));

/** 001003: the statement is not in the language. Line and position count from 1 and 0, as Snowflake counts. */
export const syntaxError = (line: number, position: number, found: string) =>
  new SnowflakeError(
    "001003",
    "42000",
    compilation(`syntax error line ${line} at position ${position} unexpected '${found}'.`),
  );

/** 003001: the object is known to the role, but the role lacks the privilege. */
export const insufficientPrivileges = (kind: string, name: string) =>
  new SnowflakeError(
    "003001",
    "42501",
    `SQL access control error:\nInsufficient privileges to operate on ${kind} '${name}'`,
  );

/** 000606: the statement needs a warehouse and the session has none. */
export const noActiveWarehouse = () =>
  new SnowflakeError(
    "000606",
    "57P03",
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.\n",
  );

/** 000002: real Snowflake may know the statement; this one does not, and never pretends to. */
export const unsupported = (what: string) =>
  new SnowflakeError("000002", "0A000", `Unsupported feature '${what}' in the local Snowflake.`);

/** 000603: the server's own disk is full, or cannot be written for another reason; what was under way did not happen. */
export const cannotWrite = (error: unknown) =>
  new SnowflakeError(
    "000603",
    "XX000",
    `SQL execution internal error:\nProcessing aborted: the local Snowflake cannot write to its disk (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`,
  );
