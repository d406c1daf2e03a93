import type { StoreInternals } from '../store/internals.ts';
import type { RejectionsAnswer } from './answers.ts';
import { checkLimit } from './checks.ts';
import type { Scope } from './scope.ts';
import type { RejectionsQuery } from './shapes.ts';

export const MAX_REJECTIONS = 10_000;

/**
 * What was refused or held, newest first. A rejection has no place, and its message may tell one: an access that is
 * limited to an area, or that has masked fields of the dataset, sees none of them.
 */
export async function queryRejections(
  { pool, state }: StoreInternals,
  scope: Scope,
  query: RejectionsQuery,
): Promise<RejectionsAnswer> {
  const limit = checkLimit(query.limit, MAX_REJECTIONS);
  if (scope.area !== null) return { rejections: [], total: 0 };
  const masked = new Set(scope.access.masks.map((mask) => mask.slice(0, mask.lastIndexOf('.'))));
  const names = query.datasets ?? (scope.access.datasets === 'all' ? undefined : scope.access.datasets);
  const seen = names?.filter((name) => scope.allows(name));
  const list = (texts: Iterable<string>) =>
    [...texts].map((text) => `'${text.replaceAll("'", "''")}'`).join(',');
  const where = [
    seen === undefined ? 'true' : seen.length === 0 ? 'false' : `dataset IN (${list(seen)})`,
    masked.size === 0 ? 'true' : `dataset NOT IN (${list(masked)})`,
    query.disposition === undefined ? 'true' : `disposition = '${query.disposition}'`,
  ].join(' AND ');
  const [rows, total] = await Promise.all([
    pool.run(
      `SELECT id, received_at, source, principal, origin, code, message, disposition, dataset, readings, byte_length, position
       FROM rejection WHERE ${where} ORDER BY id DESC LIMIT ${limit}`,
    ),
    where === 'true AND true AND true'
      ? Promise.resolve(state.rejections)
      : pool
          .run(`SELECT count(*) FROM rejection WHERE ${where}`)
          .then(({ columns }) => Number(columns[0]![0])),
  ]);
  const c = rows.columns;
  return {
    rejections: Array.from({ length: rows.n }, (_, row) => ({
      id: Number(c[0]![row]),
      receivedAt: Number(c[1]![row]),
      source: c[2]![row] as string,
      principal: c[3]![row] as string,
      origin: c[4]![row] as string,
      code: c[5]![row] as string,
      message: c[6]![row] as string,
      disposition: c[7]![row] as 'refused' | 'held',
      dataset: c[8]![row] as string,
      readings: c[9]![row] as number,
      byteLength: Number(c[10]![row]),
      position: Number(c[11]![row]),
    })),
    total,
  };
}
