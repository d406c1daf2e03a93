import { IngestError, type IngestErrorCode } from '../ingest-error.ts';

const CODES: Readonly<Record<string, IngestErrorCode>> = {
  ENOSPC: 'journal-full',
  EDQUOT: 'journal-full',
  EROFS: 'journal-read-only',
};

/** A fault of the disk as an `IngestError`, with what the system said. */
export function faultOf(error: unknown): IngestError {
  if (error instanceof IngestError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const message = error instanceof Error ? error.message : String(error);
  return new IngestError(CODES[code] ?? 'journal-io', `Cannot write the journal: ${message}`, {
    cause: error,
  });
}
