/** From the bytes of a chunk to rows: CSV with its header line, GeoJSON, NDJSON or a JSON array. */
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import type { TableMapping } from '../model/index.ts';
import { isObject, readUtf8 } from './source-kit.ts';

/** Characters of one CSV record: a row with a geometry as text may be long, a lost quote must not swallow the file. */
const MAX_RECORD_CHARACTERS = 1024 * 1024;

export type Cell = string | number | boolean | null;

/** One row as it came: cells by column, the texts that mean "no value" taken as null. */
export interface Row {
  readonly cells: ReadonlyMap<string, Cell>;
  /** GeoJSON geometry of the feature, unread. */
  readonly geometry?: unknown;
}

/** What of a mapping says how its rows are written. */
export type TableForm = Pick<TableMapping, 'format' | 'encoding' | 'delimiter' | 'nulls'>;

/** A row, or a sentence that says what is wrong with it. */
export type RowReading = Row | { readonly fault: string };

/** The rows of a chunk, or why it holds none. `columns` are those of the header, for formats that have one. */
export type ChunkReading =
  | { readonly rows: readonly RowReading[]; readonly columns?: ReadonlySet<string> }
  | { readonly fault: string };

/**
 * The coordinate of a row as its texts came, for rules on the whole delivery; undefined where it has none.
 */
export function coordinateText(mapping: TableMapping, row: Row): string | undefined {
  const { position } = mapping;
  if (position?.geometry === true) {
    return isObject(row.geometry) ? JSON.stringify(row.geometry.coordinates) : undefined;
  }
  const [a, b] = [position?.lon ?? position?.easting, position?.lat ?? position?.northing];
  if (a === undefined || b === undefined) return undefined;
  const first = row.cells.get(a) ?? undefined;
  const second = row.cells.get(b) ?? undefined;
  return first === undefined || second === undefined ? undefined : `${first}, ${second}`;
}

/** Takes a chunk apart. Text must be in the mapping's encoding, strictly. */
export function readRows(mapping: TableForm, bytes: Uint8Array): ChunkReading {
  const text = readText(bytes, mapping.encoding);
  if (text === undefined) return { fault: `Chunk is not ${mapping.encoding} text` };
  const nulls = new Set(mapping.nulls);
  return mapping.format === 'csv'
    ? readCsv(text, mapping.delimiter, nulls)
    : readJsonRows(text, mapping.format, nulls);
}

/** Strictly in the encoding: one replacement character means that some bytes were none of its text. */
function readText(bytes: Uint8Array, encoding: string): string | undefined {
  if (/^utf-?8$/i.test(encoding)) return readUtf8(bytes);
  const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), encoding);
  return text.includes('\ufffd') ? undefined : text;
}

function readCsv(text: string, delimiter: string, nulls: ReadonlySet<string>): ChunkReading {
  let records: string[][];
  try {
    records = parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_CHARACTERS,
    });
  } catch (error) {
    return {
      fault: `Chunk is not CSV: ${error instanceof Error ? error.message.slice(0, 160) : 'unreadable'}`,
    };
  }
  const header = records[0];
  if (header === undefined) return { fault: 'Chunk is empty: it must begin with the header line' };
  const rows = records.slice(1).map((record): RowReading => {
    if (record.length !== header.length) {
      return { fault: `Row has ${record.length} fields: it must have ${header.length}` };
    }
    const cells = new Map<string, Cell>();
    for (let i = header.length - 1; i >= 0; i--) {
      const cell = record[i]!;
      // From the back, so that the first of two columns with one name is the one that counts.
      cells.set(header[i]!, nulls.has(cell) ? null : cell);
    }
    return { cells };
  });
  return { rows, columns: new Set(header) };
}

function readJsonRows(
  text: string,
  format: TableMapping['format'],
  nulls: ReadonlySet<string>,
): ChunkReading {
  const documents = format === 'ndjson' ? undefined : wholeDocument(text);
  const rows = documents?.map((value) => toRow(value, nulls)) ?? readLines(text, nulls);
  return rows.length === 0 ? { fault: 'Chunk is empty: it must hold at least one row' } : { rows };
}

/** A FeatureCollection, a Feature or an array as one document; undefined: one document a line. */
function wholeDocument(text: string): readonly unknown[] | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (Array.isArray(json)) return json;
    return isObject(json) && Array.isArray(json.features) ? json.features : [json];
  } catch {
    return undefined;
  }
}

function readLines(text: string, nulls: ReadonlySet<string>): readonly RowReading[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return toRow(JSON.parse(line), nulls);
      } catch {
        return { fault: 'Row is not JSON' };
      }
    });
}

/** The properties of a GeoJSON feature, or the members of an object. Members that are lists or objects are no cells. */
function toRow(value: unknown, nulls: ReadonlySet<string>): RowReading {
  if (!isObject(value)) return { fault: 'Row is not a JSON object' };
  const feature = value.type === 'Feature';
  const members = feature ? value.properties : value;
  if (feature && members !== null && !isObject(members))
    return { fault: '"properties" must be an object or null' };
  const cells = new Map<string, Cell>();
  for (const [name, cell] of Object.entries(members ?? {})) {
    if (typeof cell === 'string') cells.set(name, nulls.has(cell) ? null : cell);
    else if (typeof cell === 'number' || typeof cell === 'boolean') cells.set(name, cell);
  }
  return value.geometry === undefined || value.geometry === null
    ? { cells }
    : { cells, geometry: value.geometry };
}
