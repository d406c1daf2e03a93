import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { appendRows } from '../append-rows.ts';
import type { StoreState } from '../state.ts';
import type { StoreLog } from '../store.ts';
import type { Part } from './part.ts';
import { datasetFolder, findParts, partDamage, removePart, SIDECAR, syncFolder } from './part-files.ts';
import { inTransaction } from './seal-context.ts';
import { sqlText } from './write-part.ts';

/**
 * Makes the index and the folder of parts agree, at open: what a crash left unfinished is swept away, and parts that are
 * missing, short or unreadable are marked, by name. Reads no part itself.
 */
export async function reconcileParts(
  connection: DuckDBConnection,
  state: StoreState,
  partsDir: string,
  log: StoreLog,
): Promise<void> {
  const found = await findParts(partsDir);
  const sidecars = new Map(found.parts.map((part) => [keyOf(part), part]));
  for (const part of state.parts.all) {
    const reason = await partDamage(partsDir, part, false);
    if (reason !== null) state.parts.markDamaged(part, reason);
  }
  const listed = new Set(state.parts.all.map(keyOf));
  for (const part of sidecars.values()) {
    if (listed.has(keyOf(part))) continue;
    if (await adopt(connection, state, partsDir, part)) {
      log.warn(
        { dataset: part.dataset, part: part.id },
        'A merged part takes the place of the parts it was made of',
      );
    } else if (part.covers.every(({ until }) => until <= state.position)) {
      // Sealed, but the index did not come to know of it: its rows are still in the tables or parts it was made of.
      await removePart(partsDir, part);
      log.info({ dataset: part.dataset, part: part.id }, 'A part that was not finished was removed');
    } else {
      await setAside(partsDir, part);
      log.warn(
        { dataset: part.dataset, part: part.id },
        'A part is newer than the index, which the journal brings up to date: it was set aside in set-aside/',
      );
    }
  }
  for (const path of found.strays) await rm(path, { recursive: true, force: true });
  for (const { dataset, id, reason } of found.unreadable) {
    if (listed.has(keyOf({ dataset, id }))) state.parts.markDamaged({ dataset, id }, reason);
    else log.error({ dataset, part: id, reason }, 'A part cannot be read');
  }
  for (const one of state.parts.damaged) log.error(one, 'A part is damaged');
  await dropForgotten(connection, state);
}

/** A merge that the index does not know of, while parts it was made of are gone: the index is from before it. */
async function adopt(
  connection: DuckDBConnection,
  state: StoreState,
  partsDir: string,
  part: Part,
): Promise<boolean> {
  const sources = state.parts.of(part.dataset).filter(({ id }) => part.replaces.includes(id));
  const lost = sources.find((source) => state.parts.damageOf(source) !== undefined);
  if (lost === undefined || (await partDamage(partsDir, part, true)) !== null) return false;
  if (sources.length !== part.replaces.length || part.covers.some(({ until }) => until > state.position)) {
    // It holds more than the index knows of: only state, parts and journal together tell what is where.
    throw new Error(
      `The index is older than its parts: part ${lost.id} of "${lost.dataset}" has gone into ${part.id}`,
    );
  }
  const ids = sources.map(({ id }) => `'${sqlText(id)}'`).join(',');
  await inTransaction(connection, async () => {
    await connection.run(`DELETE FROM part WHERE dataset = '${sqlText(part.dataset)}' AND id IN (${ids})`);
    await appendRows(connection, 'part', [[part.dataset, part.id, JSON.stringify(part)]]);
  });
  state.parts.add(part);
  return true;
}

async function setAside(partsDir: string, part: Part): Promise<void> {
  const aside = join(partsDir, 'set-aside', encodeURIComponent(part.dataset));
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const folder = datasetFolder(partsDir, part.dataset);
  for (const name of [`${part.id}${SIDECAR}`, ...part.files.map((file) => file.name)]) {
    await rename(join(folder, name), join(aside, name)).catch(() => undefined);
  }
  await syncFolder(folder);
}

/** Tables that were sealed and could not be dropped before the end: statements were still reading them. */
async function dropForgotten(connection: DuckDBConnection, state: StoreState): Promise<void> {
  const reader = await connection.runAndReadAll(
    "SELECT table_name FROM duckdb_tables() WHERE regexp_matches(table_name, '^observation_[dml][0-9]')",
  );
  for (const [name] of reader.getRows()) {
    if (state.partitions.get(name as string) === undefined) await connection.run(`DROP TABLE ${name}`);
  }
}

function keyOf({ dataset, id }: { readonly dataset: string; readonly id: string }): string {
  return `${dataset}\u0000${id}`;
}
