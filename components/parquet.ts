/**
 * How parquet files are read, said once: the load, the stage's file format and the statements for partners take it from
 * here, so that a timestamp is the same time everywhere. With the vectorised scanner logical types are used and text is not
 * guessed from bytes, whatever else is set (docs: CREATE FILE FORMAT, TYPE = PARQUET).
 */
export const PARQUET_OPTIONS = "USE_VECTORIZED_SCANNER = TRUE";

/** The same as a file format of its own. */
export const PARQUET = `TYPE = PARQUET ${PARQUET_OPTIONS}`;
