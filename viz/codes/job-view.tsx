import type { ReactElement } from 'react';
import { bytesText, clockDate, integer, minuteTime } from '../engine/format.ts';
import { Glyph } from '../frame/glyphs.tsx';
import { useText } from '../i18n/index.ts';
import type { CodingDesk } from './coding-desk.ts';
import {
  byReason,
  type CodingJob,
  type CodingSummary,
  codedName,
  isUnderWay,
  relativeLink,
  wantsColumns,
} from './coding-job.ts';
import { ProgressBar, shareText } from './progress-bar.tsx';
import { RemoveButton } from './remove-button.tsx';
import { ResultSample } from './result-sample.tsx';
import { Told } from './told.tsx';

/** One file: how far it is, what came of it, and the way to fetch it. */
export function JobView({
  job,
  ahead,
  timezone,
  desk,
  hasFile,
}: {
  readonly job: CodingJob;
  /** Files that are coded before it. */
  readonly ahead: number;
  readonly timezone: string;
  readonly desk: CodingDesk;
  /** The file it was made of is still at hand. */
  readonly hasFile: boolean;
}): ReactElement {
  const t = useText();
  const { state, progress, summary, links } = job;
  return (
    <article className="job" data-testid="job" data-state={state}>
      <header>
        <h2>{job.name}</h2>
        <span className="tag">{t.coding.state[state]}</span>
        <span className="job-gap" />
        {links.result === null ? null : (
          <a
            className="primary"
            href={relativeLink(links.result)}
            download={codedName(job.name)}
            data-testid="download"
          >
            <Glyph name="down" /> {t.coding.download}
          </a>
        )}
        <RemoveButton key={job.id} job={job} desk={desk} />
      </header>
      {isUnderWay(job) ? (
        <ProgressBar
          share={progress.share}
          label={
            state === 'waiting'
              ? ahead > 0
                ? t.coding.ahead(ahead)
                : t.coding.next
              : `${t.coding.state[state]} ${shareText(progress.share)}`
          }
        />
      ) : null}
      {job.error === null ? null : <Told problem={job.error} />}
      {wantsColumns(job) ? <p>{hasFile ? t.coding.nameThem : t.coding.chooseAgain}</p> : null}
      {state === 'failed' ? null : (
        <dl className="job-facts">
          <Fact name={t.coding.rows} value={integer(progress.rows)} testid="rows" />
          <Fact name={t.coding.refused} value={integer(progress.refused)} testid="refused" />
          <Fact name={t.coding.size} value={bytesText(job.bytes)} />
          {job.expiresAt === null ? null : (
            <Fact
              name={t.coding.kept}
              value={`${clockDate(job.expiresAt, timezone)} ${minuteTime(job.expiresAt, timezone)}`}
            />
          )}
        </dl>
      )}
      {state === 'done' && job.format === 'csv' && summary !== null ? (
        <ResultSample key={job.id} job={job} summary={summary} />
      ) : null}
      {summary !== null && summary.refused > 0 ? <RefusedRows summary={summary} /> : null}
    </article>
  );
}

function Fact({
  name,
  value,
  testid,
}: {
  readonly name: string;
  readonly value: string;
  readonly testid?: string;
}): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-testid={testid}>{value}</dd>
    </div>
  );
}

function RefusedRows({ summary }: { readonly summary: CodingSummary }): ReactElement {
  const t = useText();
  const more = summary.refused - summary.firstRefused.length;
  return (
    <section className="job-refused">
      <h3>{t.coding.refusedRows}</h3>
      <p className="codes-hint">
        {t.coding.refusedHint}{' '}
        {byReason(summary)
          .map(([code, n]) => `${t.coding.reasons[code] ?? code}: ${integer(n)}`)
          .join(' · ')}
      </p>
      <table className="codes-table" data-testid="refused-rows">
        <thead>
          <tr>
            <th scope="col">{t.coding.row}</th>
            <th scope="col">{t.coding.reason}</th>
          </tr>
        </thead>
        <tbody>
          {summary.firstRefused.map(({ row, code, message }) => (
            <tr key={row}>
              <th scope="row">{integer(row)}</th>
              <td>
                {t.coding.reasons[code] ? <b>{t.coding.reasons[code]}</b> : null} {message}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p className="codes-hint">{t.coding.refusedMore(integer(more))}</p> : null}
    </section>
  );
}
