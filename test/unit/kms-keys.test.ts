import { isAmongKeys } from "../../components/bucket-policy/kms-keys.ts";

test.each([
  ["arn:aws:kms:us-east-1:111111111111:key/1234abcd", true],
  ["1234abcd", true],
  ["234abcd", false],
  ["arn:aws:kms:us-east-1:222222222222:key/1234abcd", false],
  ["alias/readings", undefined],
  ["arn:aws:kms:us-east-1:111111111111:alias/readings", undefined],
])("whether the key %s is named by its ARN: %s", (key, is) => {
  expect(isAmongKeys(key, ["arn:aws:kms:us-east-1:111111111111:key/1234abcd"])).toBe(is);
});
