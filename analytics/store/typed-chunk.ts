import { type DuckDBAppender, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** DuckDB's vector size: rows of one data chunk. */
export const CHUNK_ROWS = 2048;

/** Where the values of one column of a chunk lie: as many bytes a row as the column's type has. */
export interface ColumnBytes {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
}

/** One data chunk, used again and again, filled from typed arrays: no value of a row becomes an object on the way. */
export class TypedChunk {
  readonly #chunk: DuckDBDataChunk;
  readonly #bytes: readonly number[];

  /** @param columns - Types of fixed width, with the bytes of a value. */
  constructor(columns: readonly { readonly type: DuckDBType; readonly bytes: number }[]) {
    this.#chunk = DuckDBDataChunk.create(columns.map(({ type }) => type));
    this.#bytes = columns.map(({ bytes }) => bytes);
  }

  /**
   * Appends `size` rows, at most CHUNK_ROWS.
   *
   * @param columns - In the order of the types.
   * @param validity - Bits of the rows that are not null, by the column's place; columns left out have no nulls.
   */
  append(
    appender: DuckDBAppender,
    size: number,
    columns: readonly ColumnBytes[],
    validity?: { readonly column: number; readonly bits: Uint8Array },
  ): void {
    const { chunk } = this.#chunk;
    this.#chunk.reset();
    for (let index = 0; index < columns.length; index++) {
      const { buffer, byteOffset } = columns[index]!;
      const vector = duckdb.data_chunk_get_vector(chunk, index);
      duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, this.#bytes[index]! * size);
      if (validity?.column !== index) continue;
      const { bits } = validity;
      duckdb.vector_ensure_validity_writable(vector);
      duckdb.copy_data_to_vector_validity(
        vector,
        0,
        bits.buffer as ArrayBuffer,
        bits.byteOffset,
        bits.byteLength,
      );
    }
    duckdb.data_chunk_set_size(chunk, size);
    appender.appendDataChunk(this.#chunk);
  }
}

/** Writes whole numbers as 64-bit integers, as pairs of 32-bit words from place 0 on. */
export function putInt64(to: Uint32Array, at: number, value: number): void {
  const high = Math.floor(value / 4_294_967_296);
  to[2 * at] = value - high * 4_294_967_296;
  to[2 * at + 1] = high;
}
