import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  FLOAT,
  UBIGINT,
  UINTEGER,
  UTINYINT,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { ObservationColumns } from '../../ingest/model/index.ts';

/** DuckDB's vector size: rows of one data chunk. */
const CHUNK_ROWS = 2048;

/**
 * Writes observation columns into day tables through data chunks filled from reused typed arrays: no row objects, no
 * INSERT statements, no bigint made on the way. Must be used inside a transaction of its connection.
 */
export class ObservationAppender {
  readonly #connection: DuckDBConnection;
  readonly #appenders = new Map<string, DuckDBAppender>();
  readonly #chunk = DuckDBDataChunk.create([
    BIGINT,
    UINTEGER,
    UINTEGER,
    DOUBLE,
    UBIGINT,
    UBIGINT,
    FLOAT,
    UTINYINT,
  ]);
  // 64-bit columns are moved as pairs of 32-bit words.
  readonly #time = new Int32Array(CHUNK_ROWS * 2);
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

  /**
   * Appends the rows `rows[0..count)` of the columns. `times` are whole UTC ms and `ids` the store's datastream ids, by
   * row and by the batch's datastream.
   */
  async append(
    table: string,
    columns: ObservationColumns,
    rows: Uint32Array,
    count: number,
    times: Float64Array,
    ids: Uint32Array,
  ): Promise<void> {
    let appender = this.#appenders.get(table);
    if (appender === undefined) {
      appender = await this.#connection.createAppender(table);
      this.#appenders.set(table, appender);
    }
    const h3 = words(columns.h3);
    const beidou = words(columns.beidou);
    for (let start = 0; start < count; start += CHUNK_ROWS) {
      const size = Math.min(CHUNK_ROWS, count - start);
      this.#valid.fill(0);
      for (let i = 0; i < size; i++) {
        const row = rows[start + i]!;
        const time = times[row]!;
        const high = Math.floor(time / 4_294_967_296);
        this.#time[2 * i] = time - high * 4_294_967_296;
        this.#time[2 * i + 1] = high;
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
      this.#send(appender, size);
      // A long batch lets other work of the thread in between.
      if (start > 0 && start % (CHUNK_ROWS * 8) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    appender.flushSync();
  }

  /** Forgets the open appenders: after a rollback, and before a table is dropped. */
  close(): void {
    for (const appender of this.#appenders.values()) {
      try {
        appender.clear();
        appender.closeSync();
      } catch {
        // An appender of a transaction that failed cannot be closed cleanly; its rows are gone with the transaction.
      }
    }
    this.#appenders.clear();
  }

  #send(appender: DuckDBAppender, size: number): void {
    const chunk = this.#chunk.chunk;
    const columns: readonly { readonly buffer: ArrayBufferLike; readonly bytes: number }[] = [
      { buffer: this.#time.buffer, bytes: 8 },
      { buffer: this.#delay.buffer, bytes: 4 },
      { buffer: this.#datastream.buffer, bytes: 4 },
      { buffer: this.#result.buffer, bytes: 8 },
      { buffer: this.#h3.buffer, bytes: 8 },
      { buffer: this.#beidou.buffer, bytes: 8 },
      { buffer: this.#height.buffer, bytes: 4 },
      { buffer: this.#quality.buffer, bytes: 1 },
    ];
    this.#chunk.reset();
    columns.forEach((column, index) => {
      const vector = duckdb.data_chunk_get_vector(chunk, index);
      duckdb.copy_data_to_vector(vector, 0, column.buffer as ArrayBuffer, 0, column.bytes * size);
      if (index === 6) {
        duckdb.vector_ensure_validity_writable(vector);
        duckdb.copy_data_to_vector_validity(vector, 0, this.#valid.buffer, 0, this.#valid.byteLength);
      }
    });
    duckdb.data_chunk_set_size(chunk, size);
    appender.appendDataChunk(this.#chunk);
  }
}

function words(ids: BigUint64Array): Uint32Array {
  return new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);
}
