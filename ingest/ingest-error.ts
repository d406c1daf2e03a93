/** Why the room could not do what it was asked. Bad data from outside is not among them: that is a `Rejection`. */
export type IngestErrorCode =
  /** No room on the disk, or less than the floor that is kept free. Retry later: it heals by itself. */
  | 'journal-full'
  /** The disk answered with an error. Retry later. */
  | 'journal-io'
  /** The disk is mounted read-only. */
  | 'journal-read-only'
  /** Bytes that were once synced do not match their checksum any more. Needs a person. */
  | 'journal-corrupt'
  /** Another living process has this journal open. */
  | 'journal-locked'
  /** More bytes wait for the disk than the limit allows. Retry later. */
  | 'journal-overloaded'
  /** One entry is larger than an entry may be. */
  | 'entry-too-large'
  | 'closed'
  /** No consumer of the journal has this name. */
  | 'consumer-unknown'
  /** Not the name of a consumer, not a position, or too many of them. */
  | 'consumer-invalid'
  /** A declaration breaks the schema or refers to what does not exist. */
  | 'declaration-invalid'
  | 'unknown-mapping'
  | 'unknown-source'
  /** A file cannot be delivered: unreadable, or larger than one message may be. */
  | 'delivery-invalid'
  /** The door thread ended; the process should stop. */
  | 'thread-died';

/** Our own mistakes and the machine's faults in the ingest room. */
export class IngestError extends Error {
  readonly code: IngestErrorCode;
  constructor(code: IngestErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'IngestError';
    this.code = code;
  }
}

/** Is `error` an `IngestError`, and of this code when one is given? */
export function isIngestError(error: unknown, code?: IngestErrorCode): error is IngestError {
  return error instanceof IngestError && (code === undefined || error.code === code);
}
