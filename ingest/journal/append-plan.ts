import type { EpochMs, Position } from '../model/index.ts';
import type { ActiveSegment } from './segment-writer.ts';

/** Where the next entry will go: its position, segment and offset, ahead of what is synced. */
export interface AppendPlan {
  next: Position;
  salt: number;
  offset: number;
  /** The segment holds nothing but its snapshot. */
  empty: boolean;
  /** When the segment began. */
  since: EpochMs;
}

/** The plan when nothing waits: behind what is on disk. */
export function planBehind(active: ActiveSegment | undefined, head: Position): AppendPlan {
  return {
    next: head,
    salt: active?.salt ?? 0,
    offset: active?.bytes ?? 0,
    empty: active === undefined || active.index.next - active.first <= 1,
    since: active?.index.firstAt ?? 0,
  };
}
