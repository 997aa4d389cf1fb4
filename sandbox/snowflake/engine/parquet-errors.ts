/** What DuckDB says of broken files, and how the reader that Snowflake uses says it (from reports, not verified). */
const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /No magic bytes/,
    "Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.",
  ],
  [/[Ff]ooter/, "Parquet footer length stored in file is wrong. The file is corrupted."],
  [
    /thrift|Protocol|don't know what type|invalid TType/i,
    "Couldn't deserialize thrift: TProtocolException: Invalid data",
  ],
  [/UTF-?8|unicode/i, "Invalid UTF8 detected in a string of the file."],
  [/encrypt/i, "The file is encrypted."],
  [/enough bytes|Mismatch in parquet read/, "Unexpected end of stream."],
  [/decompress|uncompress|snappy|zstd|gzip|codec/i, "Corrupt compressed data in a page of the file."],
];

export const inParquet = (reason: string): string => `Error parsing the parquet file: Invalid: ${reason}`;

/** Why a parquet file cannot be read, of DuckDB's message. What is not known is said in the server's log. */
export function parquetFailure(message: string, where: string): string {
  const known = reasons.find(([pattern]) => pattern.test(message));
  if (!known) process.stderr.write(`${where} cannot be read: ${message.split("\n")[0]}\n`);
  return inParquet(known?.[1] ?? "The file is corrupted, or has something in it that is not supported.");
}

/** Whether it is a file that could not be read, or the engine that could not go on. */
export const isAboutFile = (error: unknown): boolean =>
  !/out of memory|no space left|disk quota|^(INTERNAL|FATAL|INTERRUPT) Error/i.test(
    error instanceof Error ? error.message : String(error),
  );
