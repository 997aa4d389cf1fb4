/** A file of which nothing is published, and why. */
export interface Unreadable {
  name: string;
  why: string;
}

/** A file as the stage lists it. */
export interface StagedFile {
  /** Whole URL: the file's name in the accounting, wherever the stage points. */
  file: string;
  /** Path below the stage and the load's folder: its name in FILES, and for people. */
  name: string;
  /** Compressed bytes. */
  size: number;
  /** Checksum (S3: ETag). */
  md5: string;
  lastModified: Date;
}
