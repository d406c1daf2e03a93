import { type ReactElement, useEffect, useState } from 'react';
import { age } from '../engine/format.ts';
import { useStore } from '../engine/store.ts';
import { useText } from '../i18n/index.ts';
import type { CodingDesk } from './coding-desk.ts';
import { type CodingJob, isUnderWay } from './coding-job.ts';
import { shareText } from './progress-bar.tsx';
import { RemoveButton } from './remove-button.tsx';

/** Ages are told anew so often, ms. */
const TICK_MS = 10_000;

/** The files of this account on the server, newest first. */
export function JobList({ desk }: { readonly desk: CodingDesk }): ReactElement {
  const t = useText();
  const { jobs, shown, lost } = useStore(desk.state);
  const now = useNow(jobs);
  return (
    <section className="panel job-list" aria-label={t.coding.jobs}>
      <h2>
        {t.coding.jobs}
        <span className="panel-count">{jobs?.length ?? ''}</span>
      </h2>
      {lost ? <p className="codes-problem">{t.coding.lost}</p> : null}
      {jobs === null || jobs.length === 0 ? (
        <p className="panel-none">{jobs === null ? t.coding.jobsWait : t.coding.jobsNone}</p>
      ) : (
        <ul>
          {jobs.map((job) => (
            <li key={job.id}>
              <button
                type="button"
                aria-current={job.id === shown || undefined}
                onClick={() => desk.show(job.id)}
                data-testid="job-row"
              >
                <span className="job-name">{job.name}</span>
                <span className="job-state">{stateText(job, t.coding.state)}</span>
                <span className="job-age">{t.coding.age(age(job.createdAt, now, t.lang))}</span>
              </button>
              <RemoveButton job={job} desk={desk} small />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function stateText(job: CodingJob, words: Readonly<Record<string, string>>): string {
  const word = words[job.state] ?? job.state;
  return isUnderWay(job) && job.progress.share > 0 ? `${word} ${shareText(job.progress.share)}` : word;
}

/** The browser's clock, read again with the jobs and now and then. */
function useNow(jobs: unknown): number {
  const [now, setNow] = useState(() => Date.now());
  // biome-ignore lint/correctness/useExhaustiveDependencies: new jobs are a reason to look at the clock.
  useEffect(() => setNow(Date.now()), [jobs]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
