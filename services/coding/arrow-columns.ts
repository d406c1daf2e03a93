/** Columns of a record batch: numbers out of it, and new columns made of what was coded. Typed arrays only. */
import {
  type Data,
  type DataType,
  Float64,
  Int32,
  makeData,
  type RecordBatch,
  Uint64,
  Utf8,
  type Vector,
} from 'apache-arrow';
import { CodingError } from './coding-error.ts';

/** A column to be added. */
export interface NewColumn {
  readonly name: string;
  readonly type: DataType;
  readonly data: Data;
}

/**
 * The numbers of a column; NaN where it has none. Shape (n).
 *
 * @throws {CodingError} `columns-unclear` when the column is not there or holds no numbers.
 */
export function numbersOf(batch: RecordBatch, name: string): Float64Array {
  const column = columnOf(batch, name);
  const type = String(column.type);
  if (!/^(Float(32|64)|U?[Ii]nt(8|16|32|64))$/.test(type))
    throw unclear(name, `is ${type}: Float64 is wanted`);
  const own = column.toArray() as Float64Array | BigInt64Array;
  const values =
    own instanceof BigInt64Array || own instanceof BigUint64Array
      ? Float64Array.from(own, Number)
      : Float64Array.from(own);
  if (column.nullCount > 0)
    for (let i = 0; i < values.length; i += 1) if (!column.isValid(i)) values[i] = Number.NaN;
  return values;
}

/** The texts of a column, null where it has none. @throws {CodingError} `columns-unclear`. */
export function textsOf(batch: RecordBatch, name: string): (string | null)[] {
  const column = columnOf(batch, name);
  const type = String(column.type);
  if (!/^(Dictionary<.*, )?(Large)?Utf8>?$/.test(type)) throw unclear(name, `is ${type}: Utf8 is wanted`);
  return Array.from({ length: column.length }, (_, i) => column.get(i) as string | null);
}

function columnOf(batch: RecordBatch, name: string): Vector {
  const column = batch.getChild(name);
  if (column !== null) return column;
  const found = batch.schema.fields.map((field) => `"${field.name}"`).join(', ');
  throw unclear(name, `is missing: found are ${found.slice(0, 400)}`);
}

function unclear(name: string, what: string): CodingError {
  return new CodingError('columns-unclear', `Column "${name}" ${what}`);
}

const encoder = new TextEncoder();

/** Texts, undefined and '' for none. */
export function utf8Column(name: string, texts: readonly (string | undefined)[]): NewColumn {
  const valueOffsets = new Int32Array(texts.length + 1);
  const whole = texts.join('');
  // Codes are ASCII: bytes and characters are the same; messages may quote what is not.
  const data = encoder.encode(whole);
  const plain = data.length === whole.length;
  let at = 0;
  let nullCount = 0;
  const nullBitmap = new Uint8Array(bitmapBytes(texts.length));
  for (let i = 0; i < texts.length; i += 1) {
    const text = texts[i] ?? '';
    at += plain ? text.length : Buffer.byteLength(text);
    valueOffsets[i + 1] = at;
    if (text === '') nullCount += 1;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  const type = new Utf8();
  return {
    name,
    type,
    data: makeData({ type, length: texts.length, nullCount, nullBitmap, valueOffsets, data }),
  };
}

/** Numbers with nulls where `valid` is false; shapes (n). */
export function numberColumn(
  name: string,
  values: Float64Array | Int32Array | BigUint64Array,
  valid: (row: number) => boolean,
): NewColumn {
  const length = values.length;
  const nullBitmap = new Uint8Array(bitmapBytes(length));
  let nullCount = 0;
  for (let i = 0; i < length; i += 1) {
    if (valid(i)) nullBitmap[i >> 3]! |= 1 << (i & 7);
    else nullCount += 1;
  }
  const rest = { length, nullCount, nullBitmap };
  if (values instanceof Float64Array) {
    const type = new Float64();
    return { name, type, data: makeData({ type, data: values, ...rest }) };
  }
  if (values instanceof Int32Array) {
    const type = new Int32();
    return { name, type, data: makeData({ type, data: values, ...rest }) };
  }
  const type = new Uint64();
  return { name, type, data: makeData({ type, data: values, ...rest }) };
}

/** Arrow pads buffers to 8 bytes; a bitmap that is padded already is not copied. */
function bitmapBytes(rows: number): number {
  return ((rows + 63) >> 6) << 3;
}
