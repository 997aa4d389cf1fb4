/** All expressions that the manual answers, page by page. */
import type { Example } from "./example.ts";
import { aggregates } from "./values/aggregates.ts";
import { conversions } from "./values/conversions.ts";
import { moments } from "./values/moments.ts";
import { numbers } from "./values/numbers.ts";
import { semistructured } from "./values/semistructured.ts";
import { small } from "./values/small.ts";
import { texts } from "./values/texts.ts";

export const conformance: readonly Example[] = [
  ...numbers,
  ...conversions,
  ...texts,
  ...moments,
  ...semistructured,
  ...aggregates,
  ...small,
];
