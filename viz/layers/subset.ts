/** The rows of one layer, as the same array as long as they are the same rows: deck.gl recomputes a layer whose data changed. */
const made = new Map<string, { readonly source: unknown; readonly rows: readonly unknown[] }>();

/**
 * @param id - Stable id of the layer. @param source - The whole list; a change is a new array.
 * @param pick - Pure: run again only for another source.
 */
export function subset<T>(
  id: string,
  source: readonly T[],
  pick: (all: readonly T[]) => readonly T[],
): readonly T[] {
  const before = made.get(id);
  if (before?.source === source) return before.rows as readonly T[];
  const rows = pick(source);
  const same =
    before !== undefined && before.rows.length === rows.length && before.rows.every((r, i) => r === rows[i]);
  const kept = same ? (before.rows as readonly T[]) : rows;
  made.set(id, { source, rows: kept });
  return kept;
}
