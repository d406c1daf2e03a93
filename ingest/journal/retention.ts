import type { EpochMs, Position } from '../model/index.ts';

const DAY_MS = 86_400_000;

/** How long what nobody needs any more is kept. */
export interface RetentionRule {
  /** Days after the newest entry of a segment. */
  readonly keepDays: number;
  /** Bytes on disk of the whole journal; 0: as many as there are. */
  readonly keepBytes: number;
}

/** The oldest segment and what it stands in. */
export interface RetentionCase {
  /** Position after its last entry, and its newest instant. */
  readonly end: Position;
  readonly newestAt: EpochMs;
  /** Bytes of the whole journal. */
  readonly bytes: number;
  /** Below it nobody needs anything, see `JournalMarks.needed`. */
  readonly needed: Position;
  readonly now: EpochMs;
  /** The disk is short of space. */
  readonly pressed: boolean;
}

/** Why the oldest segment goes now; undefined: it stays. What somebody needs stays, whatever the rule and the disk say. */
export function whyDelete(
  rule: RetentionRule,
  { end, newestAt, bytes, needed, now, pressed }: RetentionCase,
): 'age' | 'size' | 'space' | undefined {
  if (end > needed) return undefined;
  if (pressed) return 'space';
  if (rule.keepBytes > 0 && bytes > rule.keepBytes) return 'size';
  return now - newestAt > rule.keepDays * DAY_MS ? 'age' : undefined;
}
