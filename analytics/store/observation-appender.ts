import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  FLOAT,
  UBIGINT,
  UINTEGER,
  UTINYINT,
} from '@duckdb/node-api';
import type { ScannedRows } from './duplicates.ts';
import { CHUNK_ROWS, putInt64, TypedChunk } from './typed-chunk.ts';

/** Appenders kept open at once, each with a chunk of its own (some 100 kB): a backfill may touch many months. */
const OPEN_APPENDERS = 64;
/** Rows after which a long batch lets other work of the thread in between. */
const TURN_ROWS = CHUNK_ROWS * 8;
const HEIGHT_COLUMN = 6;

/**
 * Writes observation columns into day tables through data chunks filled from reused typed arrays: no row objects, no
 * INSERT statements, no bigint made on the way. Must be used inside a transaction of its connection.
 */
export class ObservationAppender {
  readonly #connection: DuckDBConnection;
  readonly #appenders = new Map<string, DuckDBAppender>();
  readonly #chunk = new TypedChunk([
    { type: BIGINT, bytes: 8 },
    { type: UINTEGER, bytes: 4 },
    { type: UINTEGER, bytes: 4 },
    { type: DOUBLE, bytes: 8 },
    { type: UBIGINT, bytes: 8 },
    { type: UBIGINT, bytes: 8 },
    { type: FLOAT, bytes: 4 },
    { type: UTINYINT, bytes: 1 },
  ]);
  // 64-bit columns are moved as pairs of 32-bit words.
  readonly #time = new Uint32Array(CHUNK_ROWS * 2);
  readonly #delay = new Uint32Array(CHUNK_ROWS);
  readonly #datastream = new Uint32Array(CHUNK_ROWS);
  readonly #result = new Float64Array(CHUNK_ROWS);
  readonly #h3 = new Uint32Array(CHUNK_ROWS * 2);
  readonly #beidou = new Uint32Array(CHUNK_ROWS * 2);
  readonly #height = new Float32Array(CHUNK_ROWS);
  readonly #valid = new Uint8Array(CHUNK_ROWS / 8);
  readonly #quality = new Uint8Array(CHUNK_ROWS);

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Appends rows of a batch, by their places in it, ascending. */
  async append(table: string, rows: Uint32Array, scan: ScannedRows): Promise<void> {
    const appender = await this.#appenderOf(table);
    const whole = rows.length > 0 && rows[rows.length - 1]! - rows[0]! === rows.length - 1;
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const slice = rows.subarray(start, start + CHUNK_ROWS);
      if (whole) this.#appendRun(appender, slice[0]!, slice.length, scan);
      else this.#appendPicked(appender, slice, scan);
      if (start > 0 && start % TURN_ROWS === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    appender.flushSync();
  }

  /** Forgets the open appenders: after a rollback, and before a table is dropped. */
  close(): void {
    for (const appender of this.#appenders.values()) discard(appender);
    this.#appenders.clear();
  }

  async #appenderOf(table: string): Promise<DuckDBAppender> {
    let appender = this.#appenders.get(table);
    if (appender === undefined) {
      appender = await this.#connection.createAppender(table);
      const [oldest] = this.#appenders;
      if (this.#appenders.size >= OPEN_APPENDERS && oldest !== undefined) {
        oldest[1].closeSync();
        this.#appenders.delete(oldest[0]);
      }
    } else this.#appenders.delete(table);
    this.#appenders.set(table, appender);
    return appender;
  }

  /** Rows that lie side by side in the batch: most columns are moved from where they are. */
  #appendRun(
    appender: DuckDBAppender,
    from: number,
    size: number,
    { columns, ids, times }: ScannedRows,
  ): void {
    let known = false;
    this.#valid.fill(0);
    for (let i = 0; i < size; i++) {
      const row = from + i;
      putInt64(this.#time, i, times[row]!);
      this.#datastream[i] = ids[columns.datastream[row]!]!;
      if (!Number.isNaN(columns.heightM[row])) {
        known = true;
        this.#valid[i >> 3]! |= 1 << (i & 7);
      }
    }
    const at = (array: Uint32Array | Float64Array | BigUint64Array | Float32Array | Uint8Array) => ({
      buffer: array.buffer,
      byteOffset: array.byteOffset + from * array.BYTES_PER_ELEMENT,
    });
    this.#chunk.append(
      appender,
      size,
      [
        this.#time,
        at(columns.resultDelayMs),
        this.#datastream,
        at(columns.result),
        at(columns.h3),
        at(columns.beidou),
        known ? at(columns.heightM) : this.#height,
        at(columns.quality),
      ],
      { column: HEIGHT_COLUMN, bits: this.#valid },
    );
  }

  #appendPicked(appender: DuckDBAppender, rows: Uint32Array, { columns, ids, times }: ScannedRows): void {
    const h3 = words(columns.h3);
    const beidou = words(columns.beidou);
    this.#valid.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      putInt64(this.#time, i, times[row]!);
      this.#delay[i] = columns.resultDelayMs[row]!;
      this.#datastream[i] = ids[columns.datastream[row]!]!;
      this.#result[i] = columns.result[row]!;
      this.#h3[2 * i] = h3[2 * row]!;
      this.#h3[2 * i + 1] = h3[2 * row + 1]!;
      this.#beidou[2 * i] = beidou[2 * row]!;
      this.#beidou[2 * i + 1] = beidou[2 * row + 1]!;
      const height = columns.heightM[row]!;
      this.#height[i] = height;
      if (!Number.isNaN(height)) this.#valid[i >> 3]! |= 1 << (i & 7);
      this.#quality[i] = columns.quality[row]!;
    }
    this.#chunk.append(
      appender,
      rows.length,
      [
        this.#time,
        this.#delay,
        this.#datastream,
        this.#result,
        this.#h3,
        this.#beidou,
        this.#height,
        this.#quality,
      ],
      { column: HEIGHT_COLUMN, bits: this.#valid },
    );
  }
}

function discard(appender: DuckDBAppender): void {
  try {
    appender.clear();
    appender.closeSync();
  } catch {
    // An appender of a transaction that failed cannot be closed cleanly; its rows are gone with the transaction.
  }
}

/** The 64-bit ids as pairs of 32-bit words. */
function words(ids: BigUint64Array): Uint32Array {
  return new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);
}
