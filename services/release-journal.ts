import type { Store } from '../analytics/index.ts';
import type { Doors } from '../ingest/index.ts';

export interface ReleaseOptions {
  readonly doors: Pick<Doors, 'release'>;
  readonly store: Pick<Store, 'releasable'>;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Tells the journal, now and then, below which position the index needs it no more: what lies below is in verified parts and
 * in a state snapshot on disk. The journal keeps it all the same for as long as its own retention says.
 *
 * @returns Ends it.
 */
export function releaseJournal({ doors, store, everyMs, onError }: ReleaseOptions): () => void {
  let released: number | undefined;
  const tell = () => {
    const { releasable } = store;
    // Less than before is told as well: a part that was found damaged has to be made again of the journal.
    if (releasable === released) return;
    released = releasable;
    doors.release(releasable).catch((error: unknown) => {
      released = undefined;
      onError(error);
    });
  };
  tell();
  const timer = setInterval(tell, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
