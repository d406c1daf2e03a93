/**
 * Frames of the live stream, both ways: `u32 LE header length | header JSON | zero padding to 8 | columns, each padded
 * to 8`. Columns are read as views on the frame, so a decoded frame costs one JSON parse of its header and no copy.
 */
import type { LiveHeader } from './api.ts';

/** Longest header taken, bytes: an event list of some thousand rows is under 4 MB; a length above this is noise. */
export const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** A column of a frame. `u64` columns are `BigUint64Array`; no bigint is made until one element is read. */
export type LiveColumn = BigUint64Array | Float64Array | Float32Array | Uint32Array | Uint8Array;
export type LiveColumnType = LiveHeader['columns'][number]['type'];

/** A decoded frame: `columns` by the names in the header. */
export interface LiveFrame {
  readonly header: LiveHeader;
  readonly columns: Readonly<Record<string, LiveColumn>>;
}

/** Why a buffer is not a frame. */
export type LiveFrameFault =
  | 'too-short'
  | 'header-too-long'
  | 'header-not-json'
  | 'column-type'
  | 'column-length';

/** Thrown by `decodeLiveFrame` for a buffer that is not a frame. */
export class LiveFrameError extends Error {
  readonly code: LiveFrameFault;
  constructor(code: LiveFrameFault, message: string) {
    super(message);
    this.name = 'LiveFrameError';
    this.code = code;
  }
}

const BYTES: Readonly<Record<LiveColumnType, number>> = { u64: 8, f64: 8, f32: 4, u32: 4, u8: 1 };

const pad8 = (n: number): number => (n + 7) & ~7;

function typeOf(column: LiveColumn): LiveColumnType {
  if (column instanceof BigUint64Array) return 'u64';
  if (column instanceof Float64Array) return 'f64';
  if (column instanceof Float32Array) return 'f32';
  if (column instanceof Uint32Array) return 'u32';
  return 'u8';
}

function viewOf(type: LiveColumnType, buffer: ArrayBuffer, offset: number, length: number): LiveColumn {
  switch (type) {
    case 'u64':
      return new BigUint64Array(buffer, offset, length);
    case 'f64':
      return new Float64Array(buffer, offset, length);
    case 'f32':
      return new Float32Array(buffer, offset, length);
    case 'u32':
      return new Uint32Array(buffer, offset, length);
    case 'u8':
      return new Uint8Array(buffer, offset, length);
  }
}

/**
 * One frame as bytes.
 *
 * @param header - Everything but `columns`, which follows from the second argument.
 * @param columns - Written in the order of the object's keys. The elements are copied; the arrays may be reused at once.
 * @returns A fresh array that owns its whole buffer (`byteOffset` 0, length a multiple of 8).
 */
export function encodeLiveFrame(
  header: Omit<LiveHeader, 'columns'>,
  columns: Readonly<Record<string, LiveColumn>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(columns);
  const whole: LiveHeader = {
    ...header,
    columns: entries.map(([name, c]) => ({ name, type: typeOf(c), length: c.length })),
  };
  const head = new TextEncoder().encode(JSON.stringify(whole));
  let size = pad8(4 + head.length);
  for (const [, c] of entries) size += pad8(c.byteLength);
  const out = new Uint8Array(size);
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, 4);
  let offset = pad8(4 + head.length);
  for (const [, c] of entries) {
    out.set(new Uint8Array(c.buffer, c.byteOffset, c.byteLength), offset);
    offset += pad8(c.byteLength);
  }
  return out;
}

/**
 * A frame read from bytes; the columns are views on `frame` (copied once when it does not start at a multiple of 8).
 *
 * @throws {LiveFrameError} with a code when the buffer is cut short or is not a frame.
 */
export function decodeLiveFrame(frame: ArrayBuffer | Uint8Array): LiveFrame {
  const bytes = frame instanceof Uint8Array ? frame : new Uint8Array(frame);
  const owned =
    bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer
      ? (bytes as Uint8Array<ArrayBuffer>)
      : new Uint8Array(bytes);
  if (owned.length < 4) throw new LiveFrameError('too-short', `Frame has ${owned.length} bytes, wanted 4`);
  const headerBytes = new DataView(owned.buffer, owned.byteOffset).getUint32(0, true);
  if (headerBytes > MAX_HEADER_BYTES)
    throw new LiveFrameError('header-too-long', `Header of ${headerBytes} bytes, limit ${MAX_HEADER_BYTES}`);
  if (4 + headerBytes > owned.length)
    throw new LiveFrameError('too-short', `Header of ${headerBytes} bytes in a frame of ${owned.length}`);
  const header = parseHeader(owned.subarray(4, 4 + headerBytes));
  const columns: Record<string, LiveColumn> = {};
  let offset = pad8(4 + headerBytes);
  for (const { name, type, length } of header.columns) {
    const bytesEach = BYTES[type];
    if (bytesEach === undefined)
      throw new LiveFrameError('column-type', `Column "${name}" has type "${type}"`);
    if (!Number.isInteger(length) || length < 0 || offset + length * bytesEach > owned.length)
      throw new LiveFrameError('column-length', `Column "${name}" of ${length} does not fit the frame`);
    columns[name] = viewOf(type, owned.buffer, owned.byteOffset + offset, length);
    offset += pad8(length * bytesEach);
  }
  return { header, columns };
}

function parseHeader(bytes: Uint8Array): LiveHeader {
  try {
    const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as LiveHeader;
    if (!Array.isArray(header?.columns)) throw new TypeError('no columns');
    return header;
  } catch (cause) {
    throw new LiveFrameError('header-not-json', `Header is not JSON with columns: ${String(cause)}`);
  }
}
