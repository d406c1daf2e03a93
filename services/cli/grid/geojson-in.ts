/**
 * GeoJSON from standard input: one document, one a line (NDJSON), or a text sequence with record separators (RFC 8142). Features one by
 * one, whichever way they came.
 */
import { stdin } from 'node:process';
import type { GridGeometry } from '../../../grid/index.ts';
import { CommandError } from '../command.ts';
import { parsedLine, type Refused } from './refused.ts';

/** Largest document that is read whole, bytes. Larger sets come one feature a line. */
export const DOCUMENT_MAX_BYTES = 256 << 20;

/** One feature, or what is none. */
export interface FeatureIn {
  /** Which line, or which record, it came in; counted from 1. */
  readonly line: number;
  readonly id?: string | number;
  readonly geometry?: GridGeometry;
  readonly refused?: Refused;
}

/** Every feature of standard input, in order. @throws {CommandError} when it is too large to be read whole. */
export async function* features(): AsyncGenerator<FeatureIn> {
  const text = await readAll();
  const records = recordsOf(text);
  for (const { line, record } of records) {
    const parsed = parsedLine(record);
    if (parsed === undefined) {
      yield {
        line,
        refused: { code: 'json-invalid', message: `Cannot read record at line ${line}: not JSON` },
      };
    } else yield* featuresOf(parsed.value, line);
  }
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > DOCUMENT_MAX_BYTES) {
      throw new CommandError(`Cannot read more than ${DOCUMENT_MAX_BYTES} bytes of GeoJSON at once`);
    }
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

interface Record {
  readonly line: number;
  readonly record: string;
}

function recordsOf(text: string): readonly Record[] {
  if (text.includes('\u001e')) return text.split('\u001e').flatMap((record, n) => kept(record, n));
  // One document over many lines: its first line is no JSON by itself, the whole is.
  const lines = text.split('\n').flatMap((record, n) => kept(record, n + 1));
  const isOne =
    lines.length > 1 && parsedLine(lines[0]!.record) === undefined && parsedLine(text) !== undefined;
  return isOne ? [{ line: 1, record: text }] : lines;
}

function kept(record: string, line: number): readonly Record[] {
  return record.trim() === '' ? [] : [{ line, record }];
}

/** The geometries of RFC 7946; what is in one the grid itself reads and refuses. */
const GEOMETRIES: ReadonlySet<unknown> = new Set([
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
  'GeometryCollection',
]);

function* featuresOf(value: unknown, line: number): Generator<FeatureIn> {
  const object = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly type?: unknown;
    readonly id?: unknown;
    readonly geometry?: unknown;
    readonly features?: unknown;
  };
  if (object.type === 'FeatureCollection' && Array.isArray(object.features)) {
    for (const feature of object.features) yield* featuresOf(feature, line);
    return;
  }
  const geometry = (object.type === 'Feature' ? object.geometry : value) as {
    readonly type?: unknown;
  } | null;
  const id = typeof object.id === 'string' || typeof object.id === 'number' ? { id: object.id } : {};
  if (geometry !== null && typeof geometry === 'object' && GEOMETRIES.has(geometry.type)) {
    yield { line, ...id, geometry: geometry as GridGeometry };
    return;
  }
  const message = `Cannot cover the record at line ${line}: a ${[...GEOMETRIES].join(', ')} is wanted`;
  yield { line, ...id, refused: { code: 'geometry-invalid', message } };
}
