import { BIGINT, DOUBLE, type DuckDBConnection, UINTEGER } from '@duckdb/node-api';
import { QUALITY } from '../../ingest/model/index.ts';
import type { Version } from './corrections.ts';
import type { BatchScan } from './duplicates.ts';
import { DAY_MS } from './partitions.ts';
import { partRowsSql } from './parts/part-rows.ts';
import type { RowColumn } from './rows/row-conditions.ts';
import type { StoreState } from './state.ts';
import { CHUNK_ROWS, putInt64, TypedChunk } from './typed-chunk.ts';

/** A stored reading of an instant, with where it lies. */
export interface StoredReading extends Version {
  readonly datastream: number;
  readonly timeMs: number;
  readonly h3: bigint;
  readonly beidou: bigint;
  readonly heightM: number | null;
  readonly quality: number;
  /** A hot table by its name and row, or a sealed part by its id. */
  readonly place: { readonly table: string; readonly rowId: bigint } | { readonly part: string };
}

/** A reading of the audit. */
export interface AuditedReading extends Version {
  readonly datastream: number;
  readonly timeMs: number;
  readonly restated: boolean;
}

const STANDING_COLUMNS: readonly RowColumn[] = [
  'datastream',
  'time',
  'result_delay_ms',
  'result',
  'h3',
  'beidou',
  'height',
  'quality',
];

/** Tables of one statement at most: a backfill may touch hundreds. */
const SOURCES_PER_STATEMENT = 100;

/** The instants of candidates: by day, ascending, the first and the last. */
type Days = readonly { readonly from: number; readonly to: number }[];

/**
 * Looks candidates of a batch up among the stored readings, in hot tables and in sealed parts: one join a lookup, over the
 * tables and parts that may hold them and the spans of time in which they lie. Inside the caller's transaction.
 */
export class StoredReadings {
  readonly #connection: DuckDBConnection;
  readonly #state: StoreState;
  readonly #chunk = new TypedChunk([
    { type: UINTEGER, bytes: 4 },
    { type: UINTEGER, bytes: 4 },
    { type: BIGINT, bytes: 8 },
    { type: DOUBLE, bytes: 8 },
  ]);
  readonly #row = new Uint32Array(CHUNK_ROWS);
  readonly #datastream = new Uint32Array(CHUNK_ROWS);
  readonly #time = new Uint32Array(CHUNK_ROWS * 2);
  readonly #result = new Float64Array(CHUNK_ROWS);

  constructor(connection: DuckDBConnection, state: StoreState) {
    this.#connection = connection;
    this.#state = state;
  }

  /** Rows of `rows` whose (datastream, time, result) is stored with a time of its own. */
  async known(scan: BatchScan, rows: readonly number[]): Promise<readonly number[]> {
    const sources = this.#sources(scan, rows, ['datastream', 'time', 'result']);
    if (sources.length === 0) return [];
    return this.#withCandidates(scan, rows, async () => {
      const found: number[] = [];
      for (let start = 0; start < sources.length; start += SOURCES_PER_STATEMENT) {
        const union = sources
          .slice(start, start + SOURCES_PER_STATEMENT)
          .map(({ sql }) => sql)
          .join(' UNION ALL ');
        const reader = await this.#connection.runAndReadAll(
          `SELECT DISTINCT c.row_index FROM candidate c JOIN (${union}) o
             ON o.datastream = c.datastream AND o.time = c.time AND o.result = c.result`,
        );
        found.push(...((reader.getColumns()[0] ?? []) as readonly number[]));
      }
      return found;
    });
  }

  /** All stored readings with a time of their own at the instants of `rows`, in order of arrival within a table. */
  async standing(scan: BatchScan, rows: readonly number[]): Promise<readonly StoredReading[]> {
    const sources = this.#sources(scan, rows, STANDING_COLUMNS);
    if (sources.length === 0) return [];
    return this.#withCandidates(scan, rows, async () => {
      const found: StoredReading[] = [];
      for (let start = 0; start < sources.length; start += SOURCES_PER_STATEMENT) {
        const some = sources.slice(start, start + SOURCES_PER_STATEMENT);
        const union = some
          .map(({ sql }, index) => `SELECT ${start + index} AS source, * FROM (${sql})`)
          .join(' UNION ALL ');
        const reader = await this.#connection.runAndReadAll(
          `WITH c AS (SELECT DISTINCT datastream, time FROM candidate)
           SELECT o.* FROM c JOIN (${union}) o ON o.datastream = c.datastream AND o.time = c.time
           ORDER BY o.source, o.row_id`,
        );
        for (const row of reader.getRows()) {
          const source = sources[row[0] as number]!;
          found.push({
            datastream: row[1] as number,
            timeMs: Number(row[2]),
            delayMs: row[3] as number,
            result: row[4] as number,
            h3: row[5] as bigint,
            beidou: row[6] as bigint,
            heightM: row[7] as number | null,
            quality: row[8] as number,
            place:
              source.table === undefined
                ? { part: source.part! }
                : { table: source.table, rowId: row[9] as bigint },
          });
        }
      }
      return found;
    });
  }

  /** What the audit holds of the instants of `rows`. */
  async audited(scan: BatchScan, rows: readonly number[]): Promise<readonly AuditedReading[]> {
    if (this.#state.superseded.isEmpty) return [];
    return this.#withCandidates(scan, rows, async () => {
      const reader = await this.#connection.runAndReadAll(
        `WITH c AS (SELECT DISTINCT datastream, time FROM candidate)
         SELECT s.datastream, s.time, s.result_delay_ms, s.result, s.restated
         FROM c JOIN observation_superseded s ON s.datastream = c.datastream AND s.time = c.time`,
      );
      return reader.getRows().map((row) => ({
        datastream: row[0] as number,
        timeMs: Number(row[1]),
        delayMs: row[2] as number,
        result: row[3] as number,
        restated: row[4] as boolean,
      }));
    });
  }

  /** SQL over each hot table and sealed part that may hold an instant of the rows. */
  #sources(
    scan: BatchScan,
    rows: readonly number[],
    columns: readonly RowColumn[],
  ): readonly { readonly table?: string; readonly part?: string; readonly sql: string }[] {
    const days = daysOf(scan.times, rows);
    if (days.length === 0) return [];
    const from = days[0]!.from;
    const to = days[days.length - 1]!.to + 1;
    const own = `(quality & ${QUALITY.serverTime}::UTINYINT) = 0`;
    const list = columns.join(', ');
    const hot = this.#state.partitions.touching(from, to).flatMap((table) => {
      const span = within(days, table.from, table.to);
      if (span === undefined) return [];
      const sql = `SELECT ${list}, rowid AS row_id FROM ${table.name} WHERE time BETWEEN ${span.from}::BIGINT AND ${span.to}::BIGINT AND ${own}`;
      return [{ table: table.name, sql }];
    });
    const datasets = this.#datasetsOf(scan, rows);
    const sealed = [...datasets].flatMap(([dataset, datastreams]) =>
      this.#state.parts.touching(dataset, from, to).flatMap((part) => {
        const span = within(days, part.from, part.to);
        if (span === undefined) return [];
        // What a damaged part holds cannot be told; it must not keep out what comes in.
        if (this.#state.parts.damageOf(part) !== undefined) return [];
        const sql = partRowsSql(this.#state, [part], {
          spans: [{ from: span.from, to: span.to + 1 }],
          datastreams,
          where: [own],
          columns,
        });
        return sql === null
          ? []
          : [{ part: part.id, sql: `SELECT ${list}, 0::BIGINT AS row_id FROM (${sql})` }];
      }),
    );
    return [...sealed, ...hot];
  }

  /** Datastreams of the rows by the name of their dataset. */
  #datasetsOf(
    { ids, columns }: BatchScan,
    rows: readonly number[],
  ): ReadonlyMap<string, ReadonlySet<number>> {
    const seen = new Set<number>();
    for (const row of rows) seen.add(ids[columns.datastream[row]!]!);
    const datasets = new Map<string, Set<number>>();
    for (const id of seen) {
      const name = this.#state.dictionary.datastream(id)?.dataset ?? '';
      const list = datasets.get(name);
      if (list === undefined) datasets.set(name, new Set([id]));
      else list.add(id);
    }
    return datasets;
  }

  /** Made and dropped each time: rows deleted from a temporary table are never given back. */
  async #withCandidates<T>(scan: BatchScan, rows: readonly number[], ask: () => Promise<T>): Promise<T> {
    await this.#connection.run(
      'CREATE OR REPLACE TEMP TABLE candidate (row_index UINTEGER, datastream UINTEGER, time BIGINT, result DOUBLE)',
    );
    const appender = await this.#connection.createAppender('candidate');
    try {
      for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
        const size = Math.min(CHUNK_ROWS, rows.length - start);
        for (let i = 0; i < size; i++) {
          const row = rows[start + i]!;
          this.#row[i] = row;
          this.#datastream[i] = scan.ids[scan.columns.datastream[row]!]!;
          putInt64(this.#time, i, scan.times[row]!);
          this.#result[i] = scan.columns.result[row]!;
        }
        this.#chunk.append(appender, size, [this.#row, this.#datastream, this.#time, this.#result]);
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    const answer = await ask();
    await this.#connection.run('DROP TABLE candidate');
    return answer;
  }
}

/** The UTC days of rows, ascending, each with its first and last instant. */
function daysOf(times: Float64Array, rows: readonly number[]): Days {
  const days = new Map<number, { from: number; to: number }>();
  let day = Number.NaN;
  let span = { from: 0, to: 0 };
  for (const row of rows) {
    const time = times[row]!;
    const its = Math.floor(time / DAY_MS);
    if (its !== day) {
      day = its;
      const known = days.get(day);
      span = known ?? { from: time, to: time };
      if (known === undefined) days.set(day, span);
    }
    if (time < span.from) span.from = time;
    if (time > span.to) span.to = time;
  }
  return [...days.values()].sort((a, b) => a.from - b.from);
}

/** First and last instant of the days that lie in `[from, to)`; undefined when none does. */
function within(days: Days, from: number, to: number): { from: number; to: number } | undefined {
  const inside = days.filter((day) => day.to >= from && day.from < to);
  if (inside.length === 0) return undefined;
  return { from: Math.max(from, inside[0]!.from), to: Math.min(to - 1, inside[inside.length - 1]!.to) };
}
