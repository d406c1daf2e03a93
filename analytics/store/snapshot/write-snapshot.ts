import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Position } from '../../../ingest/model/index.ts';
import { appendRows, type Cell } from '../append-rows.ts';
import { makeFolder, sha256Of, syncFile, syncFolder, UNFINISHED, writeDurably } from '../parts/part-files.ts';
import type { SealContext } from '../parts/seal-context.ts';
import { sqlText } from '../parts/write-part.ts';
import type { StoreState } from '../state.ts';
import { pruneSnapshots, releasableBy, type Snapshot, snapshotsFolder } from './snapshot-files.ts';

/** In no snapshot: observations lie in parts, rollups and their marks are made of them, the rest is of this file alone. */
export function isDerived(table: string): boolean {
  return (
    (table.startsWith('observation_') && table !== 'observation_superseded') ||
    table.startsWith('rollup') ||
    ['part', 'latest', 'latest_sealed', 'schema_version', 'loader'].includes(table)
  );
}

/** Name under which the newest readings lie in a snapshot. */
export const LATEST_TABLE = 'latest_sealed';

/**
 * Writes every small table down as Parquet, all at one journal position, and the newest readings as they were then. It
 * counts once its folder has its name; older ones than the last two are removed.
 *
 * @returns Its position, and the one below which the journal is not needed any more.
 */
export async function writeSnapshot(
  context: SealContext,
): Promise<{ readonly position: Position; readonly releasable: Position }> {
  const { partsDir, state, pool, writer } = context;
  const root = snapshotsFolder(partsDir);
  await makeFolder(root);
  const unfinished = join(root, `${UNFINISHED}state`);
  await rm(unfinished, { recursive: true, force: true });
  await makeFolder(unfinished);
  const snapshot = await pool.lend(async (connection) => {
    const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
    // The view of the data begins in the loader's turn: what memory holds is then what the tables hold.
    const at = await writer.run(async () => {
      await connection.run('BEGIN');
      await read('SELECT position, next_seq, dropped_before FROM loader');
      return {
        position: state.position,
        replayFrom: Math.min(state.position, ...state.partitions.all.map(({ since }) => since)),
        latest: latestRows(state),
        parts: state.parts.all.map(({ dataset, id }) => `${dataset}/${id}`),
      };
    });
    try {
      const [schema] = await read('SELECT max(version)::INTEGER FROM schema_version');
      const names = (
        await read(`SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary`)
      )
        .map(([name]) => name as string)
        .filter((name) => !isDerived(name));
      const tables: Snapshot['tables'] = [];
      for (const name of names.sort()) {
        tables.push(await writeTable(connection, unfinished, name, `SELECT * FROM ${name}`));
      }
      tables.push(
        await writeTable(
          connection,
          unfinished,
          'loader',
          'SELECT position, next_seq, dropped_before FROM loader',
        ),
      );
      await connection.run('CREATE OR REPLACE TEMP TABLE latest_now AS FROM latest_sealed LIMIT 0');
      await appendRows(connection, 'latest_now', at.latest);
      tables.push(await writeTable(connection, unfinished, LATEST_TABLE, 'SELECT * FROM latest_now'));
      await connection.run('DROP TABLE latest_now');
      await connection.run('COMMIT');
      const { position, replayFrom, parts } = at;
      return {
        format: 1,
        position,
        replayFrom,
        schema: schema![0] as number,
        writtenAt: context.clock(),
        parts,
        tables,
      } satisfies Snapshot;
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }, 'seal');
  await writeDurably(join(unfinished, 'snapshot.json'), `${JSON.stringify(snapshot)}\n`);
  const name = `${snapshot.position}-${snapshot.replayFrom}-${Math.round(snapshot.writtenAt)}`;
  await rm(join(root, name), { recursive: true, force: true });
  await rename(unfinished, join(root, name));
  await syncFolder(root);
  await pruneSnapshots(partsDir);
  return { position: snapshot.position, releasable: await releasableBy(partsDir) };
}

async function writeTable(
  connection: DuckDBConnection,
  folder: string,
  name: string,
  sql: string,
): Promise<Snapshot['tables'][number]> {
  const path = join(folder, `${name}.parquet`);
  const reader = await connection.runAndReadAll(
    `COPY (${sql}) TO '${sqlText(path)}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)`,
  );
  await syncFile(path);
  return {
    name,
    rows: Number(reader.getRows()[0]![0]),
    bytes: (await stat(path)).size,
    sha256: await sha256Of(path),
  };
}

/** The newest readings in memory, in the columns of `latest_sealed`. */
function latestRows({ latest, newestOwn, position }: StoreState): readonly (readonly Cell[])[] {
  const rows: Cell[][] = [];
  for (let id = 0; id < latest.size; id++) {
    if (!latest.has(id)) continue;
    const own = newestOwn.get(id);
    rows.push([
      id,
      Number.isFinite(own) ? own : null,
      position,
      latest.time[id]!,
      latest.result[id]!,
      latest.h3[id]!,
      latest.beidou[id]!,
      latest.quality[id]!,
    ]);
  }
  return rows;
}
