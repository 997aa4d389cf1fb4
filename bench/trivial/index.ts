/** Resources that are nothing but resources: random ones alone, or one of each other provider that the stack has among them. */
import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomId } from "@pulumi/random/randomId.js";
import { AccountRole } from "@pulumi/snowflake/accountRole.js";

const { RESOURCES, PROVIDERS } = process.env;

class Nothing implements pulumi.dynamic.ResourceProvider {
  async create() {
    return { id: "nothing" };
  }
}
class DynamicNothing extends pulumi.dynamic.Resource {
  constructor() {
    super(new Nothing(), "dynamic", {});
  }
}

let others = 0;
if (PROVIDERS === "all") {
  new AccountRole("role", { name: "TRIVIAL" });
  await getCallerIdentity();
  new DynamicNothing();
  others = 2;
}
for (let index = others; index < Number(RESOURCES); index++)
  new RandomId(`trivial-${index}`, { byteLength: 8 });
