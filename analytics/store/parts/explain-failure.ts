import type { QueryError } from '../../query/query-error.ts';
import type { StoreState } from '../state.ts';
import { partDamage, partFilePath } from './part-files.ts';
import { partDamaged } from './part-rows.ts';

/**
 * Looks whether a statement failed because of a part that it reads, which DuckDB tells only vaguely: the files it names are
 * compared with what was sealed. The part is marked, so that later questions are refused at once.
 *
 * @returns Undefined when all parts that the statement names are as they were sealed.
 */
export async function explainPartFailure(
  state: StoreState,
  sql: string,
  error: unknown,
): Promise<QueryError | undefined> {
  if (!sql.includes('read_parquet(')) return undefined;
  for (const part of state.parts.all) {
    if (!part.files.some(({ name }) => sql.includes(partFilePath(state.parts.folder, part, name)))) continue;
    const reason = await partDamage(state.parts.folder, part, true);
    if (reason === null) continue;
    state.parts.markDamaged(part, reason);
    return partDamaged(part, reason, error);
  }
  return undefined;
}
