/** Files that are coded one after the other, each in a thread of its own; kept for a day, across restarts. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { CodingError } from './coding-error.ts';
import { createFileRunner } from './file-runner.ts';
import { checkFreeSpace } from './free-space.ts';
import { type FileJob, jobFolder } from './job-folder.ts';

/** How long a finished job and its result are kept. ms. */
export const KEEP_MS = 86_400_000;
/** Jobs kept at once: a forgotten script must not fill the disk a file at a time. */
export const MAX_JOBS = 100;
/** A job is begun so often at most; more often means that it ends the server. */
const MAX_ATTEMPTS = 2;
const SWEEP_MS = 600_000;

export interface FileJobsOptions {
  readonly folder: string;
  /** Free space that must be left. Bytes. */
  readonly floorBytes: number;
  readonly now: () => number;
  readonly onFault: (error: Error, what: string) => void;
}

/** A file on its way in. */
export interface IncomingFile {
  readonly id: string;
  /** Where its bytes go. */
  readonly path: string;
  /** Asked while it comes in. @throws {CodingError} `disk-full`. */
  checkSpace(bytes: number): Promise<void>;
  /** It is whole: the job waits for its turn. */
  accept(job: Pick<FileJob, 'owner' | 'name' | 'bytes' | 'task'>): Promise<FileJob>;
  /** It is not. */
  discard(): Promise<void>;
}

export interface FileJobs {
  /** @throws {CodingError} `busy`, `disk-full`. */
  receive(): Promise<IncomingFile>;
  list(): readonly FileJob[];
  get(id: string): FileJob | undefined;
  resultPath(id: string): string;
  /** Ends it if it is under way, and removes all of it. */
  remove(id: string): Promise<void>;
  readonly counts: {
    readonly done: number;
    readonly failed: number;
    readonly rows: number;
    readonly refused: number;
  };
  /** A job under way is begun anew by the next process. */
  close(): Promise<void>;
}

/** Opens the folder and goes on with what an earlier process left. */
export async function openFileJobs(options: FileJobsOptions): Promise<FileJobs> {
  const { now, floorBytes } = options;
  const folder = jobFolder(options.folder);
  const jobs = new Map<string, FileJob>();
  const counts = { done: 0, failed: 0, rows: 0, refused: 0 };
  const runner = createFileRunner();
  let running: { readonly id: string; readonly ended: Promise<void> } | undefined;
  let incoming = 0;
  let closed = false;

  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  for (const job of await folder.load()) jobs.set(job.id, afterRestart(job, now()));
  await sweep();
  const timer = setInterval(() => sweep().catch(fault), SWEEP_MS).unref();
  next();

  function fault(error: unknown): void {
    options.onFault(error instanceof Error ? error : new Error(String(error)), 'a coding job');
  }

  async function update(id: string, change: Partial<FileJob>): Promise<void> {
    const before = jobs.get(id);
    if (before === undefined) return;
    const job = { ...before, ...change };
    jobs.set(id, job);
    await folder.save(job).catch((error: unknown) => {
      // Removed meanwhile: there is nothing left to be kept.
      if (jobs.has(id)) throw error;
    });
  }

  /** Begins the oldest job that waits, unless one is under way. */
  function next(): void {
    if (running !== undefined || closed) return;
    const job = [...jobs.values()].find((one) => one.state === 'waiting');
    if (job !== undefined) start(job);
  }

  function start(job: FileJob): void {
    const { id } = job;
    const ended = run(job)
      .catch(fault)
      .then(() => {
        running = undefined;
        next();
      });
    running = { id, ended };
  }

  async function run(job: FileJob): Promise<void> {
    const { id, task } = job;
    await update(id, { state: 'running', startedAt: now(), attempts: job.attempts + 1 });
    const paths = { input: folder.pathOf(id, 'input'), output: folder.pathOf(id, 'result') };
    const file = { ...paths, folder: options.folder, task, floorBytes };
    try {
      if (!jobs.has(id) || closed) return;
      const summary = await runner.run(file, (progress) => {
        const latest = jobs.get(id);
        if (latest !== undefined) jobs.set(id, { ...latest, progress });
      });
      const { rows, refused, bytesRead } = summary;
      counts.done += 1;
      counts.rows += rows;
      counts.refused += refused;
      await update(id, { state: 'done', endedAt: now(), summary, progress: { rows, refused, bytesRead } });
    } catch (error) {
      // Ended on purpose: removed, or begun anew by the next process.
      if (closed || !jobs.has(id)) return;
      counts.failed += 1;
      await folder.remove(id, 'result');
      await update(id, { state: 'failed', endedAt: now(), error: told(error) });
    }
    await folder.remove(id, 'input');
  }

  function told(error: unknown): NonNullable<FileJob['error']> {
    if (error instanceof CodingError) return { code: error.code, message: error.message };
    fault(error);
    return { code: 'internal', message: 'The server made a mistake; the log holds the reason' };
  }

  async function sweep(): Promise<void> {
    for (const job of jobs.values())
      if (job.endedAt !== undefined && now() - job.endedAt > KEEP_MS) await remove(job.id);
  }

  async function remove(id: string): Promise<void> {
    jobs.delete(id);
    if (running?.id === id) {
      const { ended } = running;
      await runner.stop();
      await ended;
    }
    await folder.remove(id);
  }

  return {
    counts,
    async receive() {
      if (closed) throw new CodingError('busy', 'The server is stopping');
      await sweep();
      if (jobs.size + incoming >= MAX_JOBS)
        throw new CodingError('busy', `${MAX_JOBS} files are kept: delete those that are done with`);
      incoming += 1;
      const id = randomUUID();
      let open = true;
      const close = () => {
        if (open) incoming -= 1;
        open = false;
      };
      await folder.make(id);
      return {
        id,
        path: folder.pathOf(id, 'input'),
        checkSpace: (bytes) => checkFreeSpace(options.folder, floorBytes, bytes),
        async accept(given) {
          const progress = { rows: 0, refused: 0, bytesRead: 0 };
          const job: FileJob = { id, ...given, state: 'waiting', createdAt: now(), attempts: 0, progress };
          await folder.save(job);
          close();
          jobs.set(id, job);
          next();
          return job;
        },
        async discard() {
          if (!open) return;
          close();
          await folder.remove(id);
        },
      };
    },
    list: () => [...jobs.values()],
    get: (id) => jobs.get(id),
    resultPath: (id) => folder.pathOf(id, 'result'),
    remove,
    async close() {
      closed = true;
      clearInterval(timer);
      await runner.stop();
      if (running === undefined) return;
      const { id, ended } = running;
      await ended;
      const job = jobs.get(id);
      // Not its fault that it did not end.
      if (job?.state === 'running')
        await update(id, { state: 'waiting', attempts: Math.max(0, job.attempts - 1) });
    },
  };
}

function afterRestart(job: FileJob, now: number): FileJob {
  if (job.state === 'done' || job.state === 'failed') return job;
  if (job.attempts < MAX_ATTEMPTS) return { ...job, state: 'waiting' };
  const message = `The server ended ${job.attempts} times while it coded this file`;
  return { ...job, state: 'failed', endedAt: now, error: { code: 'interrupted', message } };
}
