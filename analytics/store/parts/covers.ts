import type { Cover } from './part.ts';

/**
 * What is left of a cover when others are taken away: rectangles of time and journal position that do not overlap.
 *
 * A table claims every row of its span that came in while it was open, but for those that went to tables and parts of their
 * own meanwhile: claimed too much, a replay would lose rows; claimed too little, it would count them twice.
 */
export function subtractCovers(whole: Cover, others: readonly Cover[]): readonly Cover[] {
  let left: readonly Cover[] = [whole];
  for (const other of others) left = left.flatMap((piece) => subtract(piece, other));
  return left;
}

function subtract(piece: Cover, other: Cover): readonly Cover[] {
  const from = Math.max(piece.from, other.from);
  const to = Math.min(piece.to, other.to);
  const since = Math.max(piece.since, other.since);
  const until = Math.min(piece.until, other.until);
  if (from >= to || since >= until) return [piece];
  return [
    { ...piece, to: from },
    { ...piece, from: to },
    { from, to, since: piece.since, until: since },
    { from, to, since: until, until: piece.until },
  ].filter((rest) => rest.from < rest.to && rest.since < rest.until);
}
