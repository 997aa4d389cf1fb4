/**
 * Runs the tests that judge mutants in Stryker's own process: all of their files are loaded once, by Node as it is, and a
 * mutant takes the milliseconds of the tests that reach it. Through Jest, each mutant would load them anew, which takes seconds.
 */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  DryRunStatus,
  determineHitLimitReached,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { expect } from "expect";
import { MOST_SECONDS, TEST_FILES } from "./test-files.js";

/** @typedef {{ id: string, file: string, run: () => unknown, around: Group[] }} Test */
/** @typedef {{ beforeAll: (() => unknown)[], beforeEach: (() => unknown)[], afterEach: (() => unknown)[], ready: boolean }} Group */

/** What test files find as globals, and the tests that they declare. */
function collector() {
  /** @type {Test[]} */
  const tests = [];
  let file = "";
  let path = [];
  let groups = [];
  const group = () => ({ beforeAll: [], beforeEach: [], afterEach: [], ready: false });
  const describe = (name, body) => {
    path.push(name);
    groups.push(group());
    body();
    path.pop();
    groups.pop();
  };
  const test = (name, run) => {
    const id = `${[file, ...path, name].join(" › ")} #${tests.length}`;
    tests.push({ id, file, run, around: [...groups] });
  };
  // Its titles are not filled in: a test's number tells it from its neighbours.
  const each = (declare) => (cases) => (name, body) => {
    for (const one of cases) declare(name, () => body(...(Array.isArray(one) ? one : [one])));
  };
  const hook = (kind) => (run) => groups.at(-1)[kind].push(run);
  const globals = {
    describe: Object.assign(describe, { each: each(describe) }),
    test: Object.assign(test, { each: each(test) }),
    beforeAll: hook("beforeAll"),
    beforeEach: hook("beforeEach"),
    afterEach: hook("afterEach"),
    // What a file opened is closed with the process.
    afterAll: () => {},
    jest: { setTimeout: () => {}, mock: () => {} },
    expect,
  };
  const load = async (name, root) => {
    [file, path, groups] = [name, [], [group()]];
    await import(pathToFileURL(`${root}/${name}`).href);
  };
  return { tests, globals, load };
}

class InProcess {
  /** @type {Test[]} */
  #tests = [];
  // Stryker's instrumented code looks here for the mutant that is on, and counts here which tests reach it.
  #stryker = {};

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    const { tests, globals, load } = collector();
    Object.assign(globalThis, globals, { __stryker__: this.#stryker });
    for (const file of TEST_FILES.flatMap((pattern) => globSync(pattern).sort()))
      await load(file, process.cwd());
    this.#tests = tests;
  }

  async dryRun() {
    const tests = [];
    for (const test of this.#tests) {
      this.#stryker.currentTestId = test.id;
      const result = await this.#judge(test);
      this.#stryker.currentTestId = undefined;
      if (result.timeSpentMs <= MOST_SECONDS * 1000) tests.push(result);
      else delete this.#stryker.mutantCoverage?.perTest[test.id];
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: this.#stryker.mutantCoverage };
  }

  async mutantRun({ testFilter, activeMutant, hitLimit, disableBail }) {
    Object.assign(this.#stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    const results = [];
    let failed;
    for (const test of this.#tests) {
      if (testFilter && !testFilter.includes(test.id)) continue;
      const result = await this.#judge(test);
      results.push(result);
      if (result.status !== TestStatus.Failed) continue;
      failed = test;
      if (!disableBail) break;
    }
    const endless = determineHitLimitReached(this.#stryker.hitCount, hitLimit);
    Object.assign(this.#stryker, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined });
    // What a mutant leaves behind in a module must not count against the next one.
    if (failed && (await this.#judge(failed)).status === TestStatus.Failed)
      return { status: MutantRunStatus.Error, errorMessage: `${failed.id} fails also without the mutant` };
    return endless ?? toMutantRunResult({ status: DryRunStatus.Complete, tests: results }, disableBail);
  }

  async #judge({ id, file, run, around }) {
    const begin = performance.now();
    const result = (status, failureMessage) => {
      const timeSpentMs = performance.now() - begin;
      return {
        id,
        name: id,
        fileName: resolve(file),
        status,
        timeSpentMs,
        ...(failureMessage && { failureMessage }),
      };
    };
    try {
      for (const group of around) {
        if (!group.ready) for (const hook of group.beforeAll) await hook();
        group.ready = true;
        for (const hook of group.beforeEach) await hook();
      }
      await run();
      return result(TestStatus.Success);
    } catch (error) {
      return result(TestStatus.Failed, String(error?.message ?? error));
    } finally {
      for (const group of [...around].reverse()) for (const hook of group.afterEach) await hook();
    }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "in-process", InProcess)];
