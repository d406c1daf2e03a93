/** What the table view knows and does: the form, the file, the upload, and the jobs on the server. One for the page. */
import { ApiError } from '../engine/api-client.ts';
import { createStore, type Store } from '../engine/store.ts';
import { bringFile, CodingProblem, listJobs, removeJob, type Upload } from './coding-client.ts';
import { type CodingJob, isUnderWay, quotedNames, wantsColumns } from './coding-job.ts';
import { type CodingForm, codingQuery, FIRST_FORM, problemOf } from './coding-request.ts';
import { SAMPLE_BYTES, sampleTable } from './table-sample.ts';

/** Between two looks at jobs under way, ms. */
const POLL_MS = 1000;

/** Something the server refused, or could not be asked. */
export interface DeskProblem {
  /** Code of the problem details; `unreachable` without an answer. */
  readonly code: string | null;
  /** The server's sentence; empty without an answer. */
  readonly message: string;
}

export interface DeskState {
  readonly form: CodingForm;
  readonly file: File | null;
  /** Names of the file's columns, as far as they are known. */
  readonly names: readonly string[];
  /** Share sent, 0 to 1, while a file is on its way. */
  readonly sent: number | null;
  readonly problem: DeskProblem | null;
  /** Null until the server has told them. */
  readonly jobs: readonly CodingJob[] | null;
  /** Id of the job that is shown large. */
  readonly shown: string | null;
  /** Job that was made of `file`: its columns can be named and the file sent again. */
  readonly ofFile: string | null;
  /** The last look at the server had no answer. */
  readonly lost: boolean;
}

export const FIRST_DESK: DeskState = {
  form: FIRST_FORM,
  file: null,
  names: [],
  sent: null,
  problem: null,
  jobs: null,
  shown: null,
  ofFile: null,
  lost: false,
};

export interface CodingDesk {
  readonly state: Store<DeskState>;
  change(form: Partial<CodingForm>): void;
  choose(file: File | null): void;
  show(id: string): void;
  /** Sends the file with what the form says. @param reference - Of the coordinates. */
  send(reference: string): Promise<void>;
  cancelUpload(): void;
  remove(job: CodingJob): Promise<void>;
  /** Looks at the jobs while the view is open. @returns Ends it. */
  watch(): () => void;
}

/** The job shown large: the chosen one, if the server still has it. */
export function shownJob({ jobs, shown }: Pick<DeskState, 'jobs' | 'shown'>): CodingJob | null {
  return jobs?.find(({ id }) => id === shown) ?? null;
}

/** The state after the server told its jobs: column names it found become choices. */
export function withJobs(state: DeskState, jobs: readonly CodingJob[]): DeskState {
  const own = jobs.find(({ id }) => id === state.ofFile) ?? null;
  const found = own !== null && wantsColumns(own) ? quotedNames(own.error?.message ?? '') : [];
  const names = [...new Set([...state.names, ...found])];
  return {
    ...state,
    jobs,
    // Who comes back finds the newest file.
    shown: state.jobs === null ? (state.shown ?? jobs[0]?.id ?? null) : state.shown,
    names: names.length > state.names.length ? names : state.names,
    lost: false,
  };
}

/** @param onSignedOut - The session has ended: the login is wanted. */
export function openCodingDesk(onSignedOut: () => void): CodingDesk {
  const state = createStore<DeskState>(FIRST_DESK);
  let upload: Upload | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watchers = 0;

  const put = (change: Partial<DeskState>): void => state.set((s) => ({ ...s, ...change }));

  function failed(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'signed-out') {
      onSignedOut();
      return;
    }
    const code =
      error.code === 'unreachable' ? 'unreachable' : error instanceof CodingProblem ? error.problem : null;
    put({ problem: { code, message: error.code === 'unreachable' ? '' : error.message } });
  }

  async function look(): Promise<void> {
    clearTimeout(timer);
    try {
      const jobs = await listJobs();
      state.set((s) => withJobs(s, jobs));
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unreachable') put({ lost: true });
      else failed(error);
    }
    clearTimeout(timer);
    const { jobs, lost } = state.get();
    if (watchers > 0 && (lost || jobs?.some(isUnderWay))) timer = setTimeout(() => void look(), POLL_MS);
  }

  return {
    state,
    change: (form) => state.set((s) => ({ ...s, form: { ...s.form, ...form } })),
    choose(file) {
      const columns = FIRST_FORM.columns;
      state.set((s) => ({
        ...s,
        file,
        names: [],
        problem: null,
        ofFile: null,
        form: { ...s.form, columns },
      }));
      if (file !== null && /\.(csv|tsv|txt)$/i.test(file.name))
        void headerOf(file).then((names) => {
          if (state.get().file === file) put({ names });
        });
    },
    show: (id) => put({ shown: id }),
    async send(reference) {
      const { form, file, sent, jobs, ofFile } = state.get();
      if (file === null || sent !== null || problemOf(form, file) !== null) return;
      put({ sent: 0, problem: null });
      const before = jobs?.find(({ id }) => id === ofFile) ?? null;
      try {
        upload = bringFile(codingQuery(form, file.name, reference), file, (share) => put({ sent: share }));
        const job = await upload.job;
        if (job === null) return;
        state.set((s) => ({ ...withJobs(s, [job, ...(s.jobs ?? [])]), shown: job.id, ofFile: job.id }));
        // It failed for want of names and has been sent again: it says nothing any more.
        if (before !== null && wantsColumns(before)) await removeJob(before);
      } catch (error) {
        failed(error);
      } finally {
        upload = null;
        put({ sent: null });
      }
      await look();
    },
    cancelUpload() {
      upload?.cancel();
    },
    async remove(job) {
      try {
        await removeJob(job);
        state.set((s) => ({ ...s, jobs: s.jobs?.filter(({ id }) => id !== job.id) ?? null }));
      } catch (error) {
        failed(error);
      }
      await look();
    },
    watch() {
      watchers += 1;
      void look();
      return () => {
        watchers -= 1;
        if (watchers === 0) clearTimeout(timer);
      };
    },
  };
}

/** Names of a delimited file's columns; none where it cannot be read. */
async function headerOf(file: File): Promise<readonly string[]> {
  const bytes = await file
    .slice(0, SAMPLE_BYTES)
    .arrayBuffer()
    .catch(() => null);
  if (bytes === null) return [];
  const { header } = sampleTable(new Uint8Array(bytes), { whole: file.size <= SAMPLE_BYTES, rows: 0 });
  return header.map((name) => name.trim()).filter((name) => name !== '');
}
