import { type ReactElement, useEffect, useState } from 'react';
import { useText } from '../i18n/index.ts';
import { headOfResult } from './coding-client.ts';
import type { CodingJob, CodingSummary } from './coding-job.ts';
import { columnsToShow, sampleTable, type TableSample } from './table-sample.ts';

/** Rows that are shown. */
const ROWS = 5;

/** The first rows of a coded table, so that its new columns are seen before it is fetched. */
export function ResultSample({
  job,
  summary,
}: {
  readonly job: CodingJob;
  readonly summary: CodingSummary;
}): ReactElement | null {
  const t = useText();
  const [sample, setSample] = useState<TableSample | 'failed' | null>(null);
  const link = job.links.result;
  const { encoding, delimiter } = summary;
  useEffect(() => {
    if (link === null) return;
    let gone = false;
    headOfResult(link)
      .then(({ bytes, whole }) => {
        const form = { ...(encoding ? { encoding } : {}), ...(delimiter ? { delimiter } : {}) };
        if (!gone) setSample(sampleTable(bytes, { ...form, whole, rows: ROWS }));
      })
      .catch(() => {
        if (!gone) setSample('failed');
      });
    return () => {
      gone = true;
    };
  }, [link, encoding, delimiter]);
  if (sample === 'failed') return <p className="codes-hint">{t.coding.sampleFailed}</p>;
  if (sample === null || sample.rows.length === 0) return null;
  const columns = columnsToShow(sample.header, Object.values(summary.columns), summary.added);
  return (
    <section className="job-sample">
      <h3>{t.coding.sample(sample.rows.length)}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than the page is scrolled by keyboard too. */}
      <section className="job-scroll" tabIndex={0} aria-label={t.coding.sample(sample.rows.length)}>
        <table className="codes-table" data-testid="sample">
          <thead>
            <tr>
              {columns.map(({ index, added, gap }) => (
                <th
                  key={index}
                  scope="col"
                  className={added ? 'added' : undefined}
                  title={gap ? t.coding.skipped : undefined}
                >
                  {gap ? '…' : sample.header[index]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sample.rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file are told by their place.
              <tr key={i}>
                {columns.map(({ index, added, gap }) => (
                  <td
                    key={index}
                    className={added ? 'added' : undefined}
                    title={gap ? undefined : row[index]}
                  >
                    {gap ? '…' : row[index]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
