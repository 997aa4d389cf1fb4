/** Writes CONFORMANCE.md anew: `make conformance`. */
import { writeFileSync } from "node:fs";
import { standaloneServer } from "../support/standalone-server.ts";
import { documentFile, documentOf } from "./document.ts";
import { runExamples } from "./run.ts";

const server = standaloneServer();
await server.start();
try {
  const verdicts = await runExamples(server);
  writeFileSync(documentFile, documentOf(verdicts));
  for (const [verdict, { length }] of Map.groupBy(verdicts, (each) => each.verdict).entries())
    console.log(`${verdict}: ${length}`);
  const unexplained = verdicts.filter(({ verdict, example }) => verdict === "deviates" && !example.deviates);
  for (const { example, node, python } of unexplained) {
    console.error(`not as the manual says: ${example.page}: ${example.sql}`);
    console.error(
      `  wanted ${JSON.stringify(example.rows ?? example.error)}; Node ${JSON.stringify(node)}, Python ${JSON.stringify(python)}`,
    );
  }
  process.exitCode = unexplained.length > 0 ? 1 : 0;
} finally {
  await server.stop();
}
