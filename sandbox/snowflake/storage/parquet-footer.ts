const MAGIC = Buffer.from("PAR1");
/** Length of the footer and the magic number after it. */
const TRAILER = 8;
/** What is fetched at first: most footers fit. */
const USUAL_BYTES = 65_536;

/**
 * A parquet file of nothing but another one's footer. `tail` fetches all bytes from a place on. What has no footer is
 * answered as it is, for the reader to say so.
 */
export async function parquetFooter(size: number, tail: (from: number) => Promise<Buffer>): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0);
  const from = Math.max(0, size - USUAL_BYTES);
  const last = await tail(from);
  if (last.length < MAGIC.length + TRAILER || !last.subarray(-MAGIC.length).equals(MAGIC)) return last;
  const length = last.readUInt32LE(last.length - TRAILER) + TRAILER;
  if (length > size - MAGIC.length) return last;
  const footer = length > last.length ? await tail(size - length) : last.subarray(-length);
  return Buffer.concat([MAGIC, footer]);
}
