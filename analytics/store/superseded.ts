import type { DuckDBConnection } from '@duckdb/node-api';
import { appendRows, type Cell } from './append-rows.ts';
import type { PartitionList } from './partitions.ts';
import type { StoredReading } from './stored-readings.ts';

/** A row of `observation_superseded`, in the order of the columns. */
export type SupersededRow = readonly Cell[];

/**
 * What is known of `observation_superseded` in memory: whether a datastream has any, and which parts hold rows that stand
 * no longer. A part that is not in it can be read as it is.
 */
export class SupersededIndex {
  #streams = new Set<number>();
  #parts = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  hasStream(datastream: number): boolean {
    return this.#streams.has(datastream);
  }

  /** How many rows of this part (or frozen table) are to be left out. */
  inPart(part: string): number {
    return this.#parts.get(part) ?? 0;
  }

  add(datastream: number, part: string | null): void {
    this.#streams.add(datastream);
    if (part !== null) this.#parts.set(part, this.inPart(part) + 1);
  }

  /** Reads it back, at open. */
  async restore(connection: DuckDBConnection): Promise<void> {
    (await this.reread(connection))();
  }

  /**
   * Reads it from the database, after rows came to lie elsewhere; what is given takes it over, in the same turn in which
   * the lists of tables and parts change.
   */
  async reread(connection: DuckDBConnection): Promise<() => void> {
    const known = { streams: new Set<number>(), parts: new Map<string, number>() };
    const streams = await connection.runAndReadAll('SELECT DISTINCT datastream FROM observation_superseded');
    for (const [id] of streams.getRows()) known.streams.add(id as number);
    const parts = await connection.runAndReadAll(
      'SELECT part, count(*) FROM observation_superseded WHERE part IS NOT NULL GROUP BY 1',
    );
    for (const [part, count] of parts.getRows()) known.parts.set(part as string, Number(count));
    return () => {
      this.#streams = known.streams;
      this.#parts = known.parts;
    };
  }
}

/** What corrections of one batch change in the tables. */
export interface SupersededChanges {
  /** Rows of the audit; `overtaken` ones are added to them. */
  readonly audit: { readonly datastream: number; readonly row: SupersededRow }[];
  readonly overtaken: { readonly reading: StoredReading; readonly at: number }[];
  /** Instants whose value no longer stands, or was said again: what the audit holds as restated is so no more. */
  readonly unrestated: { readonly datastream: number; readonly timeMs: number }[];
  /** Instants of which an earlier restatement is replaced. */
  readonly replaced: { readonly datastream: number; readonly timeMs: number }[];
}

const KEYS_PER_STATEMENT = 1000;

/** Writes them, inside the caller's transaction. @returns What `SupersededIndex.add` is to be told after the commit. */
export async function writeSuperseded(
  connection: DuckDBConnection,
  partitions: PartitionList,
  changes: SupersededChanges,
): Promise<readonly { readonly datastream: number; readonly part: string | null }[]> {
  const { audit, overtaken, unrestated, replaced } = changes;
  const told: { datastream: number; part: string | null }[] = [];
  const rows: SupersededRow[] = [];
  await forInstants(replaced, (keys) =>
    connection.run(`DELETE FROM observation_superseded WHERE restated AND (datastream, time) IN (${keys})`),
  );
  await forInstants(unrestated, (keys) =>
    connection.run(
      `UPDATE observation_superseded SET restated = false WHERE restated AND (datastream, time) IN (${keys})`,
    ),
  );
  for (const { datastream, row } of audit) {
    rows.push(row);
    told.push({ datastream, part: null });
  }
  const byTable = new Map<string, bigint[]>();
  for (const { reading, at } of overtaken) {
    let part: string | null;
    if ('part' in reading.place) part = reading.place.part;
    else {
      const { table, rowId } = reading.place;
      const list = byTable.get(table);
      if (list === undefined) byTable.set(table, [rowId]);
      else list.push(rowId);
      // A frozen table may be on its way into a part by now, this row included.
      part = partitions.get(table)?.until == null ? null : table;
    }
    rows.push([
      reading.timeMs,
      reading.delayMs,
      reading.datastream,
      reading.result,
      reading.h3,
      reading.beidou,
      reading.heightM,
      reading.quality,
      at,
      part,
      false,
    ]);
    told.push({ datastream: reading.datastream, part });
  }
  for (const [table, rowIds] of byTable) {
    for (let start = 0; start < rowIds.length; start += KEYS_PER_STATEMENT) {
      const some = rowIds.slice(start, start + KEYS_PER_STATEMENT).join(',');
      await connection.run(`DELETE FROM ${table} WHERE rowid IN (${some})`);
    }
  }
  await appendRows(connection, 'observation_superseded', rows);
  return told;
}

async function forInstants(
  instants: readonly { readonly datastream: number; readonly timeMs: number }[],
  run: (keys: string) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < instants.length; start += KEYS_PER_STATEMENT) {
    const some = instants.slice(start, start + KEYS_PER_STATEMENT);
    await run(some.map(({ datastream, timeMs }) => `(${datastream}::UINTEGER, ${timeMs}::BIGINT)`).join(','));
  }
}
