import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { EpochMs, Position } from '../../../ingest/model/index.ts';
import { appendRows } from '../append-rows.ts';
import { Dictionary } from '../dictionary.ts';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations/index.ts';
import { HOUR_MS } from '../partitions.ts';
import type { Part } from '../parts/part.ts';
import { findParts, partDamage, partFilePath } from '../parts/part-files.ts';
import { inTransaction } from '../parts/seal-context.ts';
import { sqlText } from '../parts/write-part.ts';
import type { DamagedPart, StoreLog } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { type FoundSnapshot, listSnapshots, snapshotDamage } from './snapshot-files.ts';

export interface Rebuilt {
  /** Where to pull from. */
  readonly replayFrom: Position;
  /** Entries below it are in the state already: only observations are wanted of them. */
  readonly snapshotPosition: Position;
  readonly damaged: readonly DamagedPart[];
}

/**
 * Makes a new index of what outlives it: the newest state snapshot that is whole, and the sealed parts that are. The journal
 * then brings the rest, from `replayFrom` on.
 */
export async function rebuildFromParts(
  connection: DuckDBConnection,
  partsDir: string,
  nowMs: EpochMs,
  log: StoreLog,
): Promise<Rebuilt> {
  const held = await newestWhole(partsDir, log);
  if (held !== undefined) {
    const newest = MIGRATIONS.at(-1)?.version ?? 0;
    if (held.snapshot.schema > newest) {
      throw new StoreError(
        'schema-too-new',
        `Cannot make the index of ${held.folder}: its schema is version ${held.snapshot.schema}, this program knows up to ${newest}`,
      );
    }
    // As the tables were when they were written down; the steps since then follow.
    await migrate(
      connection,
      nowMs,
      MIGRATIONS.filter(({ version }) => version <= held.snapshot.schema),
    );
    await inTransaction(connection, () => readTables(connection, held));
  }
  await migrate(connection, nowMs);
  const { parts, unreadable } = await findParts(partsDir);
  const damaged: DamagedPart[] = unreadable.map(({ dataset, id, reason }) => ({ dataset, id, reason }));
  const snapshotPosition = held?.snapshot.position ?? 0;
  const replayFrom = held?.snapshot.replayFrom ?? 0;
  const whole: Part[] = [];
  const lost: Part[] = [];
  for (const part of parts) {
    const reason = await partDamage(partsDir, part, true);
    if (reason === null) whole.push(part);
    else if (part.covers.every(({ since }) => since >= replayFrom)) {
      // Sealed since the state was written down: the journal still has all its rows.
      log.warn(
        { dataset: part.dataset, part: part.id, reason },
        'A part is damaged: the journal brings its rows again',
      );
    } else {
      lost.push(part);
      damaged.push({ dataset: part.dataset, id: part.id, reason });
    }
  }
  const counting = countingParts(whole, lost);
  await inTransaction(connection, async () => {
    await internNames(connection, partsDir, counting, new Set(held?.snapshot.parts));
    await appendRows(
      connection,
      'part',
      counting.map((part) => [part.dataset, part.id, JSON.stringify(part)]),
    );
    await appendRows(
      connection,
      'rollup_dirty',
      hoursOf(counting).map((hour) => [hour]),
    );
    await connection.run(
      `UPDATE loader SET position = ${replayFrom}, snapshot_position = ${snapshotPosition}`,
    );
  });
  if (held !== undefined || parts.length > 0 || damaged.length > 0) {
    log.info(
      { parts: counting.length, damaged: damaged.length, replayFrom, snapshotPosition },
      'The index was made of its parts and its state; the journal brings the rest',
    );
  }
  return { replayFrom, snapshotPosition, damaged };
}

async function newestWhole(partsDir: string, log: StoreLog): Promise<FoundSnapshot | undefined> {
  const { found, broken } = await listSnapshots(partsDir);
  for (const one of broken) log.error(one, 'A state snapshot cannot be read: the one before is used');
  for (const one of found) {
    const reason = await snapshotDamage(one);
    if (reason === null) return one;
    log.error({ folder: one.folder, reason }, 'A state snapshot is damaged: the one before is used');
  }
  return undefined;
}

async function readTables(connection: DuckDBConnection, { folder, snapshot }: FoundSnapshot): Promise<void> {
  await connection.run('DELETE FROM loader');
  for (const { name } of snapshot.tables) {
    await connection.run(
      `INSERT INTO "${name}" BY NAME SELECT * FROM read_parquet('${sqlText(join(folder, `${name}.parquet`))}')`,
    );
  }
}

/**
 * Parts that count: without those another one was made of. Of a merge that is lost its sources count, as long as all of them are
 * there; any other lost part stays in the list, to be told by name.
 */
function countingParts(whole: readonly Part[], lost: readonly Part[]): readonly Part[] {
  const there = new Set(whole.map(({ dataset, id }) => `${dataset}/${id}`));
  const replaced = new Set(
    whole.flatMap(({ dataset, replaces }) => replaces.map((id) => `${dataset}/${id}`)),
  );
  const told = lost.filter(
    ({ dataset, id, replaces }) =>
      !replaced.has(`${dataset}/${id}`) &&
      (replaces.length === 0 || replaces.some((source) => !there.has(`${dataset}/${source}`))),
  );
  return [...whole.filter(({ dataset, id }) => !replaced.has(`${dataset}/${id}`)), ...told];
}

/** Ids for the names in parts that were sealed after the state was written down. */
async function internNames(
  connection: DuckDBConnection,
  partsDir: string,
  parts: readonly Part[],
  known: ReadonlySet<string>,
): Promise<void> {
  const dictionary = new Dictionary();
  await dictionary.restore(connection);
  for (const part of parts) {
    if (known.has(`${part.dataset}/${part.id}`)) continue;
    if ((await partDamage(partsDir, part, false)) !== null) continue;
    const files = part.files.map(({ name }) => `'${sqlText(partFilePath(partsDir, part, name))}'`).join(',');
    const reader = await connection.runAndReadAll(
      `SELECT DISTINCT thing, property FROM read_parquet([${files}]) ORDER BY ALL`,
    );
    for (const [thing, property] of reader.getRows()) {
      dictionary.idOf(part.dataset, thing as string, property as string);
    }
  }
  if (dictionary.changed) await dictionary.flush(connection);
}

function hoursOf(parts: readonly Part[]): readonly number[] {
  const hours = new Set<number>();
  for (const { from, to } of parts) {
    for (let hour = Math.floor(from / HOUR_MS) * HOUR_MS; hour < to; hour += HOUR_MS) hours.add(hour);
  }
  return [...hours];
}
