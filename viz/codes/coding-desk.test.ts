import { describe, expect, it } from 'vitest';
import { FIRST_DESK, shownJob, withJobs } from './coding-desk.ts';
import { byReason, type CodingJob, codedName, quotedNames, relativeLink } from './coding-job.ts';

const job = (id: string, change: Partial<CodingJob> = {}): CodingJob => ({
  id,
  name: `${id}.csv`,
  state: 'done',
  direction: 'encode',
  format: 'csv',
  bytes: 10,
  progress: { rows: 1, refused: 0, bytesRead: 10, share: 1 },
  createdAt: 0,
  endedAt: 1,
  expiresAt: 2,
  summary: null,
  error: null,
  links: { self: `/api/v1/coding/files/${id}`, result: null },
  ...change,
});

describe('withJobs', () => {
  it('shows the newest file to who comes back, and then only what was chosen', () => {
    const first = withJobs(FIRST_DESK, [job('b'), job('a')]);
    expect(shownJob(first)?.id).toBe('b');
    expect(shownJob(withJobs(first, [job('c'), job('b')]))?.id).toBe('b');
    expect(shownJob(withJobs(first, [job('c')]))).toBeNull();
  });

  it('makes choices of the columns the server found, of the own file only', () => {
    const error = { code: 'columns-unclear', message: 'The column is not there: found are "东", "北", "东"' };
    const failed = job('a', { state: 'failed', error });
    expect(withJobs({ ...FIRST_DESK, ofFile: 'a' }, [failed]).names).toEqual(['东', '北']);
    expect(withJobs({ ...FIRST_DESK, ofFile: 'x' }, [failed]).names).toEqual([]);
    const known = withJobs({ ...FIRST_DESK, ofFile: 'a', names: ['北', '东'] }, [failed]);
    expect(known.names).toEqual(['北', '东']);
  });
});

describe('a job', () => {
  it('names its result as the server does', () => {
    expect(['a.csv', 'a.b.xlsx', '.csv', 'a'].map(codedName)).toEqual([
      'a.coded.csv',
      'a.b.coded.xlsx',
      '.csv.coded',
      'a.coded',
    ]);
  });

  it('is asked for relative to the page, tells quoted names, and its reasons by their number', () => {
    expect(relativeLink('/api/v1/x')).toBe('api/v1/x');
    expect(quotedNames('could be "经度" or "lon": name the one')).toEqual(['经度', 'lon']);
    expect(
      byReason({
        rows: 9,
        refused: 5,
        refusals: { a: 1, b: 4 },
        firstRefused: [],
        columns: {},
        added: [],
      }),
    ).toEqual([
      ['b', 4],
      ['a', 1],
    ]);
  });
});
