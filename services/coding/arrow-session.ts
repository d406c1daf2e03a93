/** Arrow streams: record batch by record batch, all columns of the caller and the new ones behind them. */
import {
  Field,
  makeData,
  RecordBatch,
  RecordBatchReader,
  RecordBatchStreamWriter,
  Schema,
  Struct,
} from 'apache-arrow';
import { type NewColumn, numberColumn, numbersOf, textsOf, utf8Column } from './arrow-columns.ts';
import { CodingError, isCodingError, type Refusal } from './coding-error.ts';
import { type DecodedCode, decodeCode, isRefusal } from './decode-code.ts';
import { encodeRows } from './encode-rows.ts';
import { POSITION_FIELDS, type PositionFields } from './ndjson-encode.ts';
import { type DecodePlan, type EncodePlan, needsHeight } from './plan.ts';
import type { CodingSession } from './session.ts';

/** Largest record batch taken: what is held at once. Bytes. */
export const MAX_BATCH_BYTES = 64 * 1024 * 1024;

interface Coded {
  readonly columns: readonly NewColumn[];
  readonly refused: number;
}

/** Codes with the first code of the plan: adds `code`, `id`, `layer` (3D) and `error`. */
export function arrowEncoder(plan: EncodePlan, fields: PositionFields = POSITION_FIELDS): CodingSession {
  return arrowSession((batch) => {
    const x = numbersOf(batch, fields.lon);
    const y = numbersOf(batch, fields.lat);
    const heightM = needsHeight(plan) ? numbersOf(batch, fields.height) : new Float64Array(x.length);
    const { columns, refusals, refused } = encodeRows(plan, { x, y, heightM });
    const { codes, ids, layers } = columns[0]!;
    const valid = (row: number) => refusals[row] === undefined;
    const ownId = has(batch, 'id') && !has(batch, 'code');
    return {
      columns: [
        utf8Column('code', codes),
        numberColumn(ownId ? 'zoneId' : 'id', ids, valid),
        ...(layers === undefined ? [] : [numberColumn('layer', layers, valid)]),
        utf8Column('error', refusals.map(reasonText)),
      ],
      refused,
    };
  });
}

/** Decodes the column `code` (or another): adds the place of each zone. */
export function arrowDecoder(plan: DecodePlan, field = 'code'): CodingSession {
  return arrowSession((batch) => {
    const decoded = textsOf(batch, field).map((text): DecodedCode | Refusal =>
      text === null ? { code: 'zone-invalid', message: `Column "${field}" is null` } : decodeCode(plan, text),
    );
    const valid = (row: number) => !isRefusal(decoded[row]!);
    const column = (name: string, of: (place: DecodedCode) => number) =>
      numberColumn(
        name,
        Float64Array.from(decoded, (one) => (isRefusal(one) ? Number.NaN : of(one))),
        valid,
      );
    const levels = Int32Array.from(decoded, (one) => (isRefusal(one) ? 0 : one.level));
    return {
      columns: [
        column('lon', (place) => place.anchor[0]),
        column('lat', (place) => place.anchor[1]),
        numberColumn('level', levels, valid),
        column('centreLon', (place) => place.centre[0]),
        column('centreLat', (place) => place.centre[1]),
        column('west', (place) => place.bounds[0]),
        column('south', (place) => place.bounds[1]),
        column('east', (place) => place.bounds[2]),
        column('north', (place) => place.bounds[3]),
        ...(plan.dggrs === 'beidou3d'
          ? [
              column('height', (place) => place.height!.floorM),
              column('floorM', (place) => place.height!.floorM),
              column('topM', (place) => place.height!.topM),
            ]
          : []),
        utf8Column(
          'error',
          decoded.map((one) => (isRefusal(one) ? reasonText(one) : undefined)),
        ),
      ],
      refused: decoded.filter(isRefusal).length,
    };
  });
}

function reasonText(refusal: Refusal | undefined): string | undefined {
  return refusal === undefined ? undefined : `${refusal.code}: ${refusal.message}`;
}

function has(batch: RecordBatch, name: string): boolean {
  return batch.schema.fields.some((field) => field.name === name);
}

function arrowSession(code: (batch: RecordBatch) => Coded): CodingSession {
  const account = { rows: 0, refused: 0 };
  const input = new PushedBytes();
  const writer = new RecordBatchStreamWriter();
  const written: Uint8Array[] = [];
  const output = drain(writer, written);
  const reading = read();
  // A fault is told by the next `push` or `end`, not as an unhandled rejection.
  reading.catch(() => undefined);
  output.catch(() => undefined);

  async function read(): Promise<void> {
    try {
      const reader = await RecordBatchReader.from(input);
      await reader.open({ autoDestroy: false });
      if (reader.schema === undefined) throw new Error('it holds no schema');
      let schema: Schema | undefined;
      for await (const batch of reader as AsyncIterable<RecordBatch>) {
        input.taken();
        const { columns, refused } = code(batch);
        account.rows += batch.numRows;
        account.refused += refused;
        const extended = extend(batch, columns, schema);
        schema = extended.schema;
        writer.write(extended);
      }
      if (schema === undefined) {
        // No row came: the answer has the columns all the same.
        const empty = new RecordBatch(reader.schema);
        writer.write(extend(empty, code(empty).columns, undefined));
      }
      writer.finish();
    } catch (error) {
      throw isCodingError(error)
        ? error
        : new CodingError(
            'file-invalid',
            `The body is no Arrow stream: ${error instanceof Error ? error.message : error}`,
          );
    } finally {
      input.stop();
    }
  }

  const collected = async (): Promise<Uint8Array> => {
    // The writer's sink hands its bytes on in microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    return Buffer.concat(written.splice(0));
  };
  return {
    async push(bytes) {
      input.add(bytes);
      await Promise.race([input.hungry(), reading]);
      return collected();
    },
    async end() {
      input.end();
      await reading;
      await output;
      return collected();
    },
    account,
  };
}

async function drain(writer: AsyncIterable<Uint8Array>, into: Uint8Array[]): Promise<void> {
  for await (const bytes of writer) into.push(bytes);
}

/** The batch with new columns behind its own; own columns of the same names give way. */
function extend(batch: RecordBatch, columns: readonly NewColumn[], known: Schema | undefined): RecordBatch {
  const taken = new Set(columns.map((column) => column.name));
  const kept = batch.schema.fields
    .map((field, i) => ({ field, data: batch.data.children[i]! }))
    .filter(({ field }) => !taken.has(field.name));
  const fields = [
    ...kept.map(({ field }) => field),
    ...columns.map(({ name, type }) => new Field(name, type, true)),
  ];
  const schema = known ?? new Schema(fields, batch.schema.metadata, batch.schema.dictionaries);
  const children = [...kept.map(({ data }) => data), ...columns.map(({ data }) => data)];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: batch.numRows, children }),
  );
}

/** Bytes that are pushed, read as an async iterable; knows when its reader waits for more. */
class PushedBytes implements AsyncIterable<Uint8Array> {
  #queue: Uint8Array[] = [];
  #ended = false;
  #stopped = false;
  #held = 0;
  #wake: (() => void) | undefined;
  #hungry: (() => void)[] = [];

  /** @throws {CodingError} `too-large` when one batch is more than may be held. */
  add(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#held += bytes.byteLength;
    if (this.#held > MAX_BATCH_BYTES + bytes.byteLength)
      throw new CodingError('too-large', `A record batch is larger than ${MAX_BATCH_BYTES} bytes`);
    this.#queue.push(bytes);
    this.#rouse();
  }

  end(): void {
    this.#ended = true;
    this.#rouse();
  }

  /** A whole batch has been read. */
  taken(): void {
    this.#held = 0;
  }

  /** The reader has gone. */
  stop(): void {
    this.#stopped = true;
    this.#feed();
  }

  /** Resolves when everything pushed has been taken. */
  hungry(): Promise<void> {
    if (this.#stopped || (this.#queue.length === 0 && this.#wake !== undefined)) return Promise.resolve();
    return new Promise((resolve) => this.#hungry.push(resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = this.#queue.shift();
      if (bytes !== undefined) {
        yield bytes;
        continue;
      }
      if (this.#ended) return;
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#feed();
      await more;
    }
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #feed(): void {
    for (const resolve of this.#hungry.splice(0)) resolve();
  }
}
