/** The first rows of a delimited text, to show its columns. Pure. */

export interface TableSample {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Bytes that are read of a file to see its first rows. */
export const SAMPLE_BYTES = 65_536;

/**
 * Reads the first rows; a row that the bytes cut short is left out.
 *
 * @param whole - The bytes are the whole file: its last row needs no line end.
 */
export function sampleTable(
  bytes: Uint8Array,
  options: {
    readonly encoding?: string;
    readonly delimiter?: string;
    readonly whole: boolean;
    readonly rows: number;
  },
): TableSample {
  const text = decodeText(bytes, options.encoding);
  const first = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const delimiter = options.delimiter ?? likelyDelimiter(first);
  const [header = [], ...rows] = splitRows(text, delimiter, options.rows + 1, options.whole);
  return { header, rows };
}

/** Text of bytes that may end within a character. Without an encoding: a mark decides, else UTF-8 if it is, else GB18030. */
export function decodeText(bytes: Uint8Array, encoding?: string): string {
  const label = encoding ?? markOf(bytes);
  if (label !== undefined) return new TextDecoder(label).decode(bytes, { stream: true });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('gb18030').decode(bytes, { stream: true });
  }
}

function markOf([a, b]: Uint8Array): string | undefined {
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
}

function likelyDelimiter(line: string): string {
  const bare = line.replace(/"(?:[^"]|"")*"/g, '');
  const count = (sign: string): number => bare.split(sign).length;
  return [',', '\t', ';', '|'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

function splitRows(text: string, delimiter: string, most: number, whole: boolean): readonly string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (rows.length < most && at <= text.length) {
    const close = text[at] === '"' ? closingQuote(text, at + 1) : at;
    if (close < 0) break;
    let end = close > at ? close + 1 : at;
    while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1;
    if (end === text.length && !whole) break;
    row.push(close > at ? text.slice(at + 1, close).replaceAll('""', '"') : text.slice(at, end));
    if (text[end] === delimiter) {
      at = end + 1;
      continue;
    }
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (end >= text.length) break;
    at = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
  }
  return rows;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}

export interface ShownColumn {
  readonly index: number;
  readonly added: boolean;
  /** It stands for itself and others behind it that are left out. */
  readonly gap: boolean;
}

/** Columns of a wide table that are shown: the first two, those that were read, and those that were added. */
export function columnsToShow(
  header: readonly string[],
  read: readonly string[],
  added: readonly string[],
  most = 10,
): readonly ShownColumn[] {
  // Added columns stand last; an earlier column may bear the same name.
  const firstAdded = header.length - added.length;
  const all = header.map((name, index) => ({ index, name, added: index >= firstAdded }));
  const shown = (each: (typeof all)[number]): boolean =>
    header.length <= most || each.index < 2 || each.added || read.includes(each.name.trim());
  return all.flatMap((each): ShownColumn[] => {
    const { index, added: isAdded } = each;
    if (shown(each)) return [{ index, added: isAdded, gap: false }];
    const before = all[each.index - 1];
    return before === undefined || shown(before) ? [{ index, added: false, gap: true }] : [];
  });
}
