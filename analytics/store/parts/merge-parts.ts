import { appendRows } from '../append-rows.ts';
import { DAY_MS, monthOf } from '../partitions.ts';
import type { Cover, Part } from './part.ts';
import { partDamage, partFilePath, removePart } from './part-files.ts';
import { inTransaction, type SealContext } from './seal-context.ts';
import { sqlText, writePart } from './write-part.ts';

/** Parts merged at once, so that a backfill of thousands of days opens no thousands of files. */
const PARTS_AT_ONCE = 200;

/** Groups of small parts of one dataset and UTC month that are worth a merge now. */
export function mergeable(
  parts: readonly Part[],
  nowMs: number,
  policy: { readonly smallPartRows: number; readonly mergeFanIn: number; readonly lateAfterMs: number },
  all: boolean,
): readonly (readonly Part[])[] {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    if (part.rows >= policy.smallPartRows) continue;
    const key = `${part.dataset}\u0000${monthOf(part.from).from}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [part]);
    else group.push(part);
  }
  return [...groups.values()].flatMap((group) => {
    const over = monthOf(group[0]!.from).to + policy.lateAfterMs + DAY_MS <= nowMs;
    if (group.length < 2 || !(all || over || group.length >= policy.mergeFanIn)) return [];
    const sorted = group.sort((a, b) => a.from - b.from || a.id.localeCompare(b.id));
    const pieces: Part[][] = [];
    for (let i = 0; i < sorted.length; i += PARTS_AT_ONCE) pieces.push(sorted.slice(i, i + PARTS_AT_ONCE));
    return pieces.filter((piece) => piece.length > 1);
  });
}

/**
 * Makes one part of several of one dataset. It counts from its transaction on; the old files are removed once no statement can
 * read them any more. Corrected rows are left out, so their marks have nothing left to hide.
 *
 * @throws When a source is damaged, by name: a merge must not pass damage on.
 */
export async function mergeParts(context: SealContext, sources: readonly Part[]): Promise<Part | null> {
  const { pool, state, partsDir, retirement } = context;
  const dataset = sources[0]!.dataset;
  for (const part of sources) {
    const damage = await partDamage(partsDir, part, true);
    if (damage !== null) {
      state.parts.markDamaged(part, damage);
      return null;
    }
  }
  const merged = await pool.lend(async (connection) => {
    await connection.run('BEGIN');
    try {
      const part = await writePart(
        connection,
        partsDir,
        {
          dataset,
          rowsSql: partRowsSql(partsDir, sources),
          id: mergedId(sources, state.parts.of(dataset)),
          covers: joinCovers(sources.flatMap(({ covers }) => covers)),
          replaces: sources.map(({ id }) => id),
          closing: context.closing,
        },
        context.policy.fileRows,
        context.clock(),
      );
      await connection.run('COMMIT');
      return part;
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }, 'seal');
  if (merged === null) return null;
  await context.writer.run(async () => {
    const connection = context.writerConnection;
    const ids = sources.map(({ id }) => `'${sqlText(id)}'`).join(',');
    const name = `'${sqlText(dataset)}'`;
    await inTransaction(connection, async () => {
      await connection.run(`DELETE FROM part WHERE dataset = ${name} AND id IN (${ids})`);
      await appendRows(connection, 'part', [[dataset, merged.id, JSON.stringify(merged)]]);
      await connection.run(
        `UPDATE observation_superseded SET part = '${sqlText(merged.id)}' WHERE part IN (${ids})
           AND datastream IN (SELECT d.id FROM datastream d JOIN dataset s ON s.id = d.dataset WHERE s.name = ${name})`,
      );
    });
    const takeOver = await state.superseded.reread(connection);
    state.parts.add(merged);
    takeOver();
  });
  for (const part of sources) retirement.add(() => removePart(partsDir, part));
  return merged;
}

/** All rows of some parts, without those that were corrected. */
function partRowsSql(partsDir: string, parts: readonly Part[]): string {
  const files = parts.flatMap((part) => part.files.map(({ name }) => partFilePath(partsDir, part, name)));
  const ids = parts.map(({ id }) => `'${sqlText(id)}'`).join(',');
  return `(SELECT * FROM read_parquet([${files.map((file) => `'${sqlText(file)}'`).join(',')}]) r
    WHERE NOT EXISTS (FROM observation_superseded x JOIN datastream d ON d.id = x.datastream JOIN thing t ON t.id = d.thing
      JOIN property p ON p.id = d.property JOIN dataset s ON s.id = d.dataset
      WHERE x.part IN (${ids}) AND s.name = r.dataset AND t.name = r.thing AND p.name = r.property AND x.time = r.time
        AND x.result = r.result AND x.result_delay_ms = r.result_delay_ms))`;
}

function mergedId(sources: readonly Part[], known: readonly Part[]): string {
  const month = new Date(monthOf(sources[0]!.from).from).toISOString().slice(0, 7).replace('-', '');
  const covers = sources.flatMap((part) => part.covers);
  const since = Math.min(...covers.map((cover) => cover.since));
  const until = Math.max(...covers.map((cover) => cover.until));
  for (let n = 1; ; n++) {
    const id = `x${month}_${since}_${until}_${n}`;
    if (!known.some((part) => part.id === id)) return id;
  }
}

/** The same covers in fewer rectangles, where two of them share a side. */
export function joinCovers(covers: readonly Cover[]): readonly Cover[] {
  const byTime = joinAlong(covers, (a) => `${a.since} ${a.until}`, 'from', 'to');
  return joinAlong(byTime, (a) => `${a.from} ${a.to}`, 'since', 'until');
}

function joinAlong(
  covers: readonly Cover[],
  keyOf: (cover: Cover) => string,
  start: 'from' | 'since',
  end: 'to' | 'until',
): readonly Cover[] {
  const last = new Map<string, Cover>();
  const joined: Cover[] = [];
  for (const cover of [...covers].sort((a, b) => a[start] - b[start])) {
    const held = last.get(keyOf(cover));
    if (held !== undefined && held[end] === cover[start]) {
      last.set(keyOf(cover), { ...held, [end]: cover[end] });
      continue;
    }
    if (held !== undefined) joined.push(held);
    last.set(keyOf(cover), cover);
  }
  return [...joined, ...last.values()];
}
