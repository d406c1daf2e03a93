import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ALL_BITS, ubigint } from '../../sql/macro-text.ts';
import { StoreError } from '../store-error.ts';
import type { Cover, Part, PartFile } from './part.ts';
import {
  datasetFolder,
  makeFolder,
  sha256Of,
  syncFile,
  syncFolder,
  UNFINISHED,
  writeSidecar,
} from './part-files.ts';

/** Rows of a Parquet row group: larger ones compress a little better, smaller ones are skipped a little better. */
const ROW_GROUP_ROWS = 122_880;
/** Rows looked at to find where to cut. */
const SAMPLE_ROWS = 50_000;

/** Columns of a part, in order. `time` is UTC ms; h3 and beidou are ids at the point level, all ones where there is no place. */
export const PART_COLUMNS = [
  'dataset',
  'thing',
  'property',
  'time',
  'result_delay_ms',
  'result',
  'h3',
  'beidou',
  'height',
  'quality',
] as const;

/** Sums that do not depend on the order: what was written is what was to be written. */
const CHECK = `count(*)::BIGINT, coalesce(sum(hash(thing, property, time, result_delay_ms, result, h3, beidou, height, quality)), 0)::HUGEINT`;

export interface PartSource {
  readonly dataset: string;
  /** Rows with the columns of a part: a table, or a SELECT in parentheses. */
  readonly rowsSql: string;
  /** Id wanted for the part. */
  readonly id: string;
  readonly covers: readonly Cover[];
  readonly replaces: readonly string[];
  /** True when what was begun is to be left undone. */
  readonly closing: () => boolean;
}

/**
 * Writes the rows of one dataset as a part: Parquet files by ranges of h3, each sorted by (h3, time), read back and compared
 * with their source, synced, and last the sidecar. Memory is bounded by the rows of a file, and what does not fit spills.
 * The connection should be in a transaction, so that the source stays the same meanwhile.
 *
 * @returns Null when there are no rows.
 * @throws {StoreError} `seal-failed` when what is read back is not what was written.
 */
export async function writePart(
  connection: DuckDBConnection,
  partsDir: string,
  source: PartSource,
  fileRows: number,
  nowMs: number,
): Promise<Part | null> {
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  const [about] = await read(
    `SELECT count(*)::BIGINT, min(time), max(time), list(DISTINCT property ORDER BY property) FROM ${source.rowsSql}`,
  );
  const rows = Number(about![0]);
  if (rows === 0) return null;
  const folder = datasetFolder(partsDir, source.dataset);
  await makeFolder(folder);
  const ranges = await cut(connection, source.rowsSql, Math.ceil(rows / fileRows));
  const files: PartFile[] = [];
  for (const [index, { lo, hi }] of ranges.entries()) {
    if (source.closing()) throw new StoreError('closed', `Cannot seal ${source.id}: the index is closing`);
    const name = `${source.id}${ranges.length === 1 ? '' : `.${index}`}.parquet`;
    const unfinished = join(folder, `${UNFINISHED}${name}`);
    const where = `WHERE h3 BETWEEN ${ubigint(lo)} AND ${ubigint(hi)}`;
    await connection.run(
      `COPY (SELECT ${PART_COLUMNS.join(', ')} FROM ${source.rowsSql} ${where} ORDER BY h3, time)
       TO '${sqlText(unfinished)}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
    );
    await syncFile(unfinished);
    const [wanted] = await read(`SELECT ${CHECK} FROM ${source.rowsSql} ${where}`);
    const [held] = await read(
      `SELECT ${CHECK}, min(h3), max(h3) FROM read_parquet('${sqlText(unfinished)}')`,
    );
    if (held![0] !== wanted![0] || held![1] !== wanted![1]) {
      throw new StoreError(
        'seal-failed',
        `Cannot seal ${source.id} of "${source.dataset}": file ${name} reads back ${held![0]} rows that differ from the ${wanted![0]} of its source. Its rows stay where they were; check the disk`,
      );
    }
    if (Number(held![0]) === 0) continue;
    files.push({
      name,
      rows: Number(held![0]),
      bytes: (await stat(unfinished)).size,
      sha256: await sha256Of(unfinished),
      h3Min: String(held![2]),
      h3Max: String(held![3]),
    });
  }
  for (const { name } of files) await rename(join(folder, `${UNFINISHED}${name}`), join(folder, name));
  await syncFolder(folder);
  const part: Part = {
    format: 1,
    id: source.id,
    dataset: source.dataset,
    from: Number(about![1]),
    to: Number(about![2]) + 1,
    rows,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    covers: source.covers,
    files,
    replaces: source.replaces,
    properties: (about![3] as { items: readonly string[] }).items,
    sealedAt: nowMs,
  };
  await writeSidecar(partsDir, part);
  return part;
}

/** Ranges of h3 with about as many rows each; fewer where many rows share one cell. Together they hold every id. */
async function cut(
  connection: DuckDBConnection,
  rowsSql: string,
  pieces: number,
): Promise<readonly { readonly lo: bigint; readonly hi: bigint }[]> {
  if (pieces <= 1) return [{ lo: 0n, hi: ALL_BITS }];
  const reader = await connection.runAndReadAll(
    `SELECT h3 FROM (SELECT h3 FROM ${rowsSql}) USING SAMPLE reservoir(${SAMPLE_ROWS} ROWS) REPEATABLE (1)`,
  );
  const sample = new BigUint64Array(reader.getColumns()[0] as bigint[]).sort();
  const starts = new Set<bigint>([0n]);
  for (let i = 1; i < pieces; i++) starts.add(sample[Math.floor((i * sample.length) / pieces)]!);
  const sorted = [...starts];
  return sorted.map((lo, i) => ({ lo, hi: i + 1 < sorted.length ? sorted[i + 1]! - 1n : ALL_BITS }));
}

/** Text inside a SQL literal. */
export function sqlText(text: string): string {
  return text.replaceAll("'", "''");
}
