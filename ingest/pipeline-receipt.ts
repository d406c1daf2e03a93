import type { Position, Receipt, Rejection } from './model/index.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';

/** Rejections told in a receipt. */
const RECEIPT_REJECTIONS = 10;

/**
 * What a sender is told of an entry that is on disk.
 *
 * @param rejected - Counters by rejection code; those of the entry are added.
 */
export function receiptOf(
  position: Position,
  decoded: DecodedEntry,
  rejected: Record<string, number>,
): Receipt {
  const rejections: Rejection[] = [];
  let readings = 0;
  let refused = 0;
  let held = 0;
  for (const outcome of decoded.outcomes) {
    readings += outcome.items.length;
    for (const rejection of outcome.rejections) {
      rejected[rejection.code] = (rejected[rejection.code] ?? 0) + 1;
      if (rejection.disposition === 'held') held++;
      else refused++;
      if (rejections.length < RECEIPT_REJECTIONS) rejections.push(rejection);
    }
  }
  const none = readings === 0 ? (refused > 0 ? 'refused' : 'held') : 'partial';
  const outcome = refused + held === 0 ? 'accepted' : none;
  return { position, outcome, records: decoded.outcomes.length, readings, rejections };
}
