/** How a CSV file is written: its encoding and its delimiter, found out from its bytes unless they were declared. */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import type { FileEncoding } from './file-task.ts';

const BLOCK_BYTES = 1024 * 1024;
/** Enough to tell one form of UTF-16 from the other. */
const FORM_BYTES = 4096;

/** Encoding of a file, and the length of its byte order mark. */
export interface TextForm {
  readonly encoding: FileEncoding;
  readonly markBytes: number;
}

/**
 * A byte order mark decides, or zero bytes of UTF-16; else UTF-8 when all of the file is, else GB18030, which Chinese spreadsheets write. Reads the whole file:
 * the first Chinese name may stand in its last line.
 */
export async function detectEncoding(path: string, declared?: FileEncoding): Promise<TextForm> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
    let held = 0;
    let offset = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, held, BLOCK_BYTES - held, offset);
      const bytes = buffer.subarray(0, held + bytesRead);
      if (offset === 0) {
        const marked = markOf(bytes);
        if (declared !== undefined)
          return { encoding: declared, markBytes: marked?.encoding === declared ? marked.markBytes : 0 };
        const found = marked ?? withoutMark(bytes);
        if (found !== undefined) return found;
      }
      offset += bytesRead;
      if (bytesRead === 0) return { encoding: isUtf8(bytes) ? 'utf-8' : 'gb18030', markBytes: 0 };
      const whole = wholeCharacters(bytes);
      if (!isUtf8(bytes.subarray(0, whole))) return { encoding: 'gb18030', markBytes: 0 };
      buffer.copyWithin(0, whole, bytes.length);
      held = bytes.length - whole;
    }
  } finally {
    await file.close();
  }
}

function markOf(bytes: Buffer): TextForm | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  return undefined;
}

/**
 * UTF-16 that lacks its mark: its delimiters, digits and line ends have a zero byte beside them, always on the same side. Few of them are no
 * sign: a lost zero byte stands in tables of other encodings too.
 */
function withoutMark(bytes: Buffer): TextForm | undefined {
  const counts = { le: 0, be: 0 };
  for (let at = 0; at + 1 < Math.min(bytes.length, FORM_BYTES); at += 2) {
    if (bytes[at + 1] === 0 && isPlain(bytes[at]!)) counts.le += 1;
    if (bytes[at] === 0 && isPlain(bytes[at + 1]!)) counts.be += 1;
  }
  const units = Math.min(bytes.length, FORM_BYTES) >> 1;
  const [most, least] = counts.le > counts.be ? [counts.le, counts.be] : [counts.be, counts.le];
  if (most * 8 < units || least * 4 > most || units === 0) return undefined;
  return { encoding: most === counts.le ? 'utf-16le' : 'utf-16be', markBytes: 0 };
}

function isPlain(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d || (byte >= 0x20 && byte < 0x7f);
}

/** Length without a UTF-8 character that is cut at the end: at most 3 bytes of it are there. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** Delimiters that are found out; any other single ASCII character may be declared. */
const DELIMITERS = [',', '\t', ';', '|'];

/** The delimiter that stands most often in the header line, outside quotes; the comma where none does. */
export function detectDelimiter(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, '');
  let best = ',';
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) {
      best = delimiter;
      most = count;
    }
  }
  return best;
}
