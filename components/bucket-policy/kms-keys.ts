/** S3 names a key as somebody typed it: by its ARN, by its ID alone, or by an alias (docs: ServerSideEncryptionByDefault). */

/** Which key an alias stands for, only KMS says. */
export const isAlias = (key: string): boolean => /(^|:)alias\//.test(key);

/** Whether a key is among those named, each by ARN or ID; undefined for an alias. */
export function isAmongKeys(key: string, named: readonly string[]): boolean | undefined {
  if (named.includes(key)) return true;
  if (isAlias(key)) return undefined;
  const isOne = (arn: string, id: string) => arn.endsWith(`:key/${id}`);
  return named.some((one) => isOne(one, key) || isOne(key, one));
}
