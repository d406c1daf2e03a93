/** A JSON array of objects, for small requests: held whole, answered as an array. */
import { CodingError } from './coding-error.ts';
import type { CodingSession } from './session.ts';

/** Largest JSON array taken: larger ones are sent as NDJSON, which is not held. Bytes. */
export const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** @param code - The objects' answer, as the text of an array. */
export function jsonSession(
  code: (objects: readonly unknown[]) => {
    readonly text: string;
    readonly rows: number;
    readonly refused: number;
  },
): CodingSession {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const account = { rows: 0, refused: 0 };
  return {
    account,
    async push(part) {
      bytes += part.byteLength;
      if (bytes > MAX_JSON_BYTES)
        throw new CodingError(
          'too-large',
          `A JSON array is at most ${MAX_JSON_BYTES} bytes: send more as application/x-ndjson`,
        );
      parts.push(part);
      return new Uint8Array();
    },
    async end() {
      const { text, rows, refused } = code(readArray(Buffer.concat(parts)));
      account.rows = rows;
      account.refused = refused;
      return Buffer.from(text);
    },
  };
}

function readArray(bytes: Buffer): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new CodingError('file-invalid', 'The body is not JSON');
  }
  if (Array.isArray(value)) return value;
  throw new CodingError('file-invalid', 'The body is not a JSON array of objects');
}
