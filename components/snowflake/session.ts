import type snowflake from "snowflake-sdk";
import { duration, throttled } from "../format.ts";
import type { Connection } from "./connection.ts";
import { firstLineOf, isHiccup, isSessionOver, isTransient } from "./errors.ts";
import { retry } from "./retry.ts";

export type Row = Record<string, unknown>;
export type Bind = string | number | null;

/** What the load needs of Snowflake. The real one is below; tests may have their own. */
export interface Session {
  /**
   * Runs a statement and returns its rows. A passing fault is retried and a lost session opened anew, so the statement
   * must be one that may run twice.
   */
  rows(sql: string, binds?: readonly Bind[]): Promise<Row[]>;
  /** The same for a statement that must not run twice: after a failure nobody knows whether it ran. */
  once(sql: string, binds?: readonly Bind[]): Promise<Row[]>;
  /**
   * Starts a statement that goes on without this client, and returns its query ID. After a failure, other than a session
   * that was over and has started nothing, nobody knows whether it was started: it is not sent again here.
   */
  start(sql: string, binds?: readonly Bind[], tag?: string): Promise<string>;
  /** RUNNING, QUEUED, SUCCESS, FAILED_WITH_ERROR …, as the driver names them. */
  status(queryId: string): Promise<string>;
  /** Rows of a finished statement of this user; throws what it failed with. */
  result(queryId: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** How long Snowflake may be out of reach before the load gives up. Seconds, over all outages of a session's life. */
const OUTAGE_SECONDS = 180;
/** How often a statement is sent again that Snowflake answers with an error of its own. More often, it is there to stay. */
const HICCUPS = 2;
/** More than fit into that time. */
const ATTEMPTS = 50;

export interface SessionSettings {
  /** Query tag of statements that are started without one of their own. */
  tag: string;
  /** Statements that set the session up: role, warehouse, parameters; run after every login. */
  setup: readonly string[];
  /** Told when Snowflake is out of reach and another attempt follows. @default nobody */
  log?: (line: string) => void;
  /** Outages count together with those of the sessions that share this. @default the session's own */
  outages?: Outages;
  /** A session like this one could log in before: now the first login is as patient as a statement. @default false */
  further?: boolean;
  /** How often the first login is tried while Snowflake is out of reach. @default 2 */
  loginAttempts?: number;
}

type Driver = snowflake.Connection;

/** Logs in and sets the session up; logs in again by itself when the session is lost. */
export async function openSession(connection: Connection, settings: SessionSettings): Promise<Session> {
  // Else the driver asks the metadata services of three clouds where it runs, and AWS who it is, whenever it is loaded.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= "true";
  // Loaded when it is needed: it is by far the largest part of the load.
  const { default: sdk } = await import("snowflake-sdk");
  // The driver writes a log file into the working directory unless told not to.
  sdk.configure({ logLevel: "OFF", additionalLogToConsole: false });
  const outage = settings.outages ?? countOutages(settings.log);
  const logIn = () => retry(() => login(sdk, connection, settings), outage.goesOn, { attempts: ATTEMPTS });
  // The first login fails soon: a wrong host is likelier than an outage, and previews should not hang for minutes.
  const driver = settings.further
    ? await logIn()
    : await retry(() => login(sdk, connection, settings), isTransient, {
        attempts: settings.loginAttempts ?? 2,
      });
  outage.over();
  const { repeatable, single, close } = renewed(driver, logIn, outage);
  return {
    rows: (sql, binds = []) => repeatable((driver) => execute(driver, { sqlText: sql, binds: [...binds] })),
    once: (sql, binds = []) => single((driver) => execute(driver, { sqlText: sql, binds: [...binds] })),
    start: (sql, binds = [], tag = settings.tag) => single((driver) => submitted(driver, sql, binds, tag)),
    status: (queryId) => repeatable((driver) => driver.getQueryStatus(queryId)),
    result: (queryId) => repeatable((driver) => resultOf(driver, queryId)),
    close,
  };
}

/** The driver's connection, another one after each loss. */
function renewable(first: Driver, logIn: () => Promise<Driver>) {
  let driver = first;
  let renewing: Promise<void> | undefined;
  return {
    now: () => driver,
    /** One new login, however many statements found the session lost. */
    renew: (lost: Driver) => {
      if (driver !== lost) return Promise.resolve();
      renewing ??= logIn()
        .then((next) => {
          driver = next;
        })
        .finally(() => {
          renewing = undefined;
        });
      return renewing;
    },
  };
}

/** Runs what it is given by the driver, which it logs in anew when the session is lost. */
function renewed(first: Driver, logIn: () => Promise<Driver>, outage: Outages) {
  const { now, renew } = renewable(first, logIn);
  // A statement that somebody stopped waiting for must not log in again when the session is closed under it.
  let closed = false;

  const goesOn = async (error: unknown, used: Driver) => {
    if (closed) return false;
    if (!isSessionOver(error)) return outage.goesOn(error);
    await renew(used);
    return true;
  };
  return {
    repeatable: async <T>(action: (driver: Driver) => Promise<T>): Promise<T> => {
      let used = now();
      let hiccups = 0;
      const attempt = () => {
        used = now();
        return action(used);
      };
      // Of this statement: that others succeed meanwhile, such as a sign of life, says nothing of it.
      const again = async (error: unknown) =>
        isHiccup(error) && !closed ? ++hiccups <= HICCUPS : goesOn(error, used);
      const result = await retry(attempt, again, { attempts: ATTEMPTS });
      outage.over();
      return result;
    },
    single: async <T>(action: (driver: Driver) => Promise<T>): Promise<T> => {
      const used = now();
      try {
        return await action(used);
      } catch (error) {
        // A session that is over has run nothing.
        if (closed || !isSessionOver(error)) throw error;
        await renew(used);
        return action(now());
      }
    },
    close: () =>
      new Promise<void>((resolve) => {
        closed = true;
        // Losing the goodbye harms nobody: Snowflake ends idle sessions itself.
        now().destroy(() => resolve());
      }),
  };
}

/** The outages of one or several sessions. */
export interface Outages {
  /** Whether another attempt is worth it: as long as all of them together have not lasted too long. */
  goesOn(error: unknown): boolean;
  /** Snowflake has answered. */
  over(): void;
}

export function countOutages(log: (line: string) => void = () => {}): Outages {
  let since: number | undefined;
  let before = 0;
  const say = throttled(log);
  const now = () => (since === undefined ? 0 : (Date.now() - since) / 1000);
  return {
    goesOn: (error: unknown) => {
      if (!isTransient(error)) return false;
      since ??= Date.now();
      const left = OUTAGE_SECONDS - before - now();
      if (left <= 0) return false;
      say(
        `load: Snowflake is out of reach (${firstLineOf(error)}): trying again, for ${duration(left)} at most`,
      );
      return true;
    },
    over: () => {
      before += now();
      since = undefined;
    },
  };
}

async function login(
  sdk: typeof snowflake,
  connection: Connection,
  settings: SessionSettings,
): Promise<Driver> {
  const driver = sdk.createConnection({
    account: connection.account,
    username: connection.user,
    application: "FluxAmiLoad",
    clientSessionKeepAlive: false,
    sfRetryMaxLoginRetries: 2,
    ...(connection.password !== undefined && { password: connection.password }),
    ...(connection.privateKey !== undefined && { privateKey: connection.privateKey }),
    ...(connection.privateKeyPassphrase !== undefined && { privateKeyPass: connection.privateKeyPassphrase }),
    ...(connection.token !== undefined && { token: connection.token }),
    ...(connection.authenticator !== undefined && { authenticator: connection.authenticator }),
    ...(connection.passcode !== undefined && { passcode: connection.passcode }),
    passcodeInPassword: connection.passcodeInPassword === "true",
    clientRequestMFAToken: connection.clientRequestMfaToken === "true",
    clientStoreTemporaryCredential: connection.clientStoreTemporaryCredential === "true",
    ...(connection.accessUrl !== undefined && { accessUrl: connection.accessUrl }),
  });
  await new Promise<void>((resolve, reject) => {
    driver.connectAsync((error) => (error ? reject(error) : resolve())).catch(reject);
  });
  for (const sqlText of settings.setup) {
    try {
      await execute(driver, { sqlText });
    } catch (error) {
      // Snowflake does not always name what is missing: the statement does.
      if (error instanceof Error) error.message += ` (in: ${sqlText})`;
      throw error;
    }
  }
  return driver;
}

function execute(driver: Driver, options: { sqlText: string; binds?: Bind[] }): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    driver.execute({
      ...options,
      binds: options.binds as snowflake.Binds,
      complete: (error, _statement, rows) => (error ? reject(error) : resolve((rows ?? []) as Row[])),
    });
  });
}

function submitted(driver: Driver, sql: string, binds: readonly Bind[], tag: string): Promise<string> {
  return new Promise((resolve, reject) => {
    driver.execute({
      sqlText: sql,
      binds: [...binds] as snowflake.Binds,
      asyncExec: true,
      // Without it the driver calls a statement that was refused a success, and hides the error.
      streamResult: true,
      parameters: { QUERY_TAG: tag },
      complete: (error, statement) => {
        const queryId = statement?.getQueryId();
        if (error) reject(error);
        else if (queryId) resolve(queryId);
        else reject(new Error("Snowflake gave the statement no query ID"));
      },
    });
  });
}

async function resultOf(driver: Driver, queryId: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    driver
      .getResultsFromQueryId({
        queryId,
        sqlText: "",
        complete: (error, _statement, rows) => (error ? reject(error) : resolve((rows ?? []) as Row[])),
      })
      .catch(reject);
  });
}
