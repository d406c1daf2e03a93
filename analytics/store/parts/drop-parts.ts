import { DAY_MS, HOUR_MS } from '../partitions.ts';
import type { Part } from './part.ts';
import { removePart } from './part-files.ts';
import { inTransaction, type SealContext } from './seal-context.ts';
import { sqlText } from './write-part.ts';

/**
 * Parts whose rows are all older than their dataset keeps them, and whose hours the rollup holds.
 *
 * @param days - Days kept of every dataset; null for all. A dataset may declare fewer or more of its own.
 */
export function expiredParts(context: SealContext, days: number | null): readonly Part[] {
  const { state } = context;
  const now = context.clock();
  return state.parts.datasets.flatMap((dataset) => {
    const kept = state.dictionary.dataset(dataset)?.retentionDays ?? days;
    if (kept === null) return [];
    return state.parts.of(dataset).filter((part) => {
      if (part.to > now - kept * DAY_MS) return false;
      for (let hour = Math.floor(part.from / HOUR_MS) * HOUR_MS; hour < part.to; hour += HOUR_MS) {
        if (state.dirty.has(hour) && hour >= state.droppedBefore) return false;
      }
      return true;
    });
  });
}

/** Drops parts, and the marks of corrections in them. Their files go once nobody can read them any more. */
export async function dropParts(context: SealContext, parts: readonly Part[]): Promise<void> {
  const { writer, writerConnection: connection, state, retirement, partsDir } = context;
  if (parts.length === 0) return;
  await writer.run(async () => {
    await inTransaction(connection, async () => {
      for (const { dataset, id } of parts) {
        await connection.run(
          `DELETE FROM part WHERE dataset = '${sqlText(dataset)}' AND id = '${sqlText(id)}'`,
        );
      }
    });
    for (const { dataset, id } of parts) state.parts.remove(dataset, id);
  });
  for (const part of parts) retirement.add(() => removePart(partsDir, part));
}
