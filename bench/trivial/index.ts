import * as random from "@pulumi/random";

for (let index = 0; index < Number(process.env.RESOURCES); index++)
  new random.RandomId(`trivial-${index}`, { byteLength: 8 });
