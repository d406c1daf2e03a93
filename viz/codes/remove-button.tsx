import { type ReactElement, useEffect, useState } from 'react';
import { Glyph } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { CodingDesk } from './coding-desk.ts';
import { type CodingJob, isUnderWay } from './coding-job.ts';

/** How long the question waits for its answer, ms. */
const SURE_MS = 4000;

/** Cancels what is under way and removes what failed at once; before a result is removed it asks. */
export function RemoveButton({
  job,
  desk,
  small = false,
}: {
  readonly job: CodingJob;
  readonly desk: CodingDesk;
  /** A mark instead of a word, for lists. */
  readonly small?: boolean;
}): ReactElement {
  const t = useText();
  const [asks, setAsks] = useState(false);
  useEffect(() => {
    if (!asks) return;
    const timer = setTimeout(() => setAsks(false), SURE_MS);
    return () => clearTimeout(timer);
  }, [asks]);
  const word = isUnderWay(job) ? t.coding.cancel : asks ? t.coding.deleteSure : t.coding.delete;
  const mark = small && !asks;
  return (
    <button
      type="button"
      className={mark ? 'quiet icon small' : 'quiet'}
      aria-label={`${word} ${job.name}`}
      title={mark ? word : undefined}
      onClick={() => (job.state !== 'done' || asks ? void desk.remove(job) : setAsks(true))}
      data-testid={small ? 'row-remove' : 'remove'}
    >
      {mark ? <Glyph name="close" /> : word}
    </button>
  );
}
