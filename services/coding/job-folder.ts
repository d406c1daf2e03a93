/** Jobs on disk: a folder each, with what was asked (`job.json`), the file that came in and the one that goes out. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CodingErrorCode } from './coding-error.ts';
import type { FileProgress, FileSummary, FileTask } from './file-task.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed';

export interface FileJob {
  readonly id: string;
  /** Subject of whoever brought the file: only they and an admin see it. */
  readonly owner: string;
  /** Name of the file as it came. */
  readonly name: string;
  readonly bytes: number;
  readonly task: FileTask;
  readonly state: JobState;
  /** UTC ms. */
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** How often it was begun: a file that takes the server down with it is not tried for ever. */
  readonly attempts: number;
  readonly progress: FileProgress;
  readonly summary?: FileSummary;
  readonly error?: { readonly code: CodingErrorCode | 'interrupted' | 'internal'; readonly message: string };
}

export interface JobFolder {
  pathOf(id: string, file: 'input' | 'result'): string;
  /** Makes the folder of a new job. */
  make(id: string): Promise<void>;
  save(job: FileJob): Promise<void>;
  /** Removes one file of a job, or all of it. */
  remove(id: string, file?: 'input' | 'result'): Promise<void>;
  /** All jobs that can be read; what is left of others is removed. */
  load(): Promise<FileJob[]>;
}

/** @param root - Holds one folder a job; readable by the owner alone, for it holds a department's records. */
export function jobFolder(root: string): JobFolder {
  const of = (id: string) => join(root, id);
  return {
    pathOf: (id, file) => join(of(id), file),
    async make(id) {
      await mkdir(of(id), { recursive: true, mode: 0o700 });
    },
    async save(job) {
      const path = join(of(job.id), 'job.json');
      await writeFile(`${path}.part`, JSON.stringify(job), { mode: 0o600 });
      await rename(`${path}.part`, path);
    },
    async remove(id, file) {
      await rm(file === undefined ? of(id) : join(of(id), file), { recursive: true, force: true });
    },
    async load() {
      const jobs: FileJob[] = [];
      for (const id of await readdir(root).catch(() => [])) {
        try {
          jobs.push(JSON.parse(await readFile(join(of(id), 'job.json'), 'utf8')) as FileJob);
        } catch {
          // An upload that was cut, or a job half removed.
          await rm(of(id), { recursive: true, force: true });
        }
      }
      return jobs.sort((a, b) => a.createdAt - b.createdAt);
    },
  };
}
