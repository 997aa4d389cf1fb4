import { readFileSync } from "node:fs";
import { documentFile, documentOf } from "./conformance/document.ts";
import { examples, runExamples, type Verdict } from "./conformance/run.ts";
import { standaloneServer } from "./support/standalone-server.ts";

const server = standaloneServer();
let verdicts: Verdict[];

beforeAll(async () => {
  await server.start();
  verdicts = await runExamples(server);
}, 240_000);

afterAll(() => server.stop());

test.each(examples.map((example, index) => [example.page, example.sql, index] as const))(
  "%s: %s",
  (_page, _sql, index) => {
    const { example, verdict, node, python } = verdicts[index] as Verdict;
    // What is refused though the manual says what it answers is in the document, where it shows that it has come or gone.
    if ((verdict === "deviates") === (example.deviates !== undefined)) return;
    expect({ node, python, verdict }).toEqual({ manual: example.rows ?? example.error ?? "000002" });
  },
);

test("CONFORMANCE.md says what this run found", () => {
  const written = readFileSync(documentFile, "utf8");
  if (written !== documentOf(verdicts)) throw new Error("CONFORMANCE.md is stale: run `make conformance`");
});
