/** The list of newest events and the rule that nothing new moves it under the pointer. Pure. */
import type { EventAnswer } from '../schema/api.ts';

/**
 * Events of one type kept in the browser; older ones are in the database. Counted by type: cameras see hundreds of things an
 * hour and must not push the day's cases off the screen.
 */
export const MAX_EVENTS_PER_TYPE = 250;

/** Newest first by start, then by id, so that the order never depends on arrival. */
const newestFirst = (a: EventAnswer, b: EventAnswer): number =>
  b.start - a.start || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Merges changes into a list: the same id with a later `updated` replaces, the rest is kept. */
export function mergeEvents(
  held: readonly EventAnswer[],
  changes: readonly EventAnswer[],
): readonly EventAnswer[] {
  if (changes.length === 0) return held;
  const byId = new Map(held.map((e) => [e.id, e]));
  for (const change of changes) {
    const before = byId.get(change.id);
    if (!before || change.updated >= before.updated) byId.set(change.id, change);
  }
  const seen = new Map<string, number>();
  return [...byId.values()].sort(newestFirst).filter((e) => {
    const n = (seen.get(e.eventType) ?? 0) + 1;
    seen.set(e.eventType, n);
    return n <= MAX_EVENTS_PER_TYPE;
  });
}

/**
 * What a list shows while the person is in it: the rows it showed before, in their places with their newest content, and how
 * many wait outside.
 */
export function heldRows(
  shown: readonly string[],
  all: readonly EventAnswer[],
): { readonly rows: readonly EventAnswer[]; readonly waiting: number } {
  const byId = new Map(all.map((e) => [e.id, e]));
  const rows = shown.flatMap((id) => byId.get(id) ?? []);
  const first = rows[0];
  const waiting = first ? all.filter((e) => newestFirst(e, first) < 0).length : all.length;
  return { rows, waiting };
}
