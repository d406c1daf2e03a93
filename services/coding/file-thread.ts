/** The thread that codes files, one after the other as it is told. */
import { parentPort } from 'node:worker_threads';
import { codeFile } from './code-file.ts';
import type { FileProgress, FileSummary, FileTask } from './file-task.ts';
import { checkFreeSpace } from './free-space.ts';
import { type Fault, faultOf } from './thread-messages.ts';

/** One file to be coded. */
export interface FileRun {
  readonly input: string;
  readonly output: string;
  readonly folder: string;
  readonly task: FileTask;
  /** Free space that must be left. Bytes. */
  readonly floorBytes: number;
}

/** What the thread says. */
export type FileReport =
  | { readonly progress: FileProgress }
  | { readonly done: FileSummary }
  | { readonly fault: Fault };

/** Between two reports of progress. ms. */
const REPORT_MS = 200;

const report = (message: FileReport) => parentPort!.postMessage(message);

parentPort!.on('message', async ({ input, output, folder, task, floorBytes }: FileRun) => {
  let reported = 0;
  let written = 0;
  try {
    const summary = await codeFile(input, output, task, async (progress) => {
      // What is written is about what is read; the codes are the smaller part.
      await checkFreeSpace(folder, floorBytes, 2 * (progress.bytesRead - written));
      written = progress.bytesRead;
      if (performance.now() - reported < REPORT_MS) return;
      reported = performance.now();
      report({ progress });
    });
    report({ done: summary });
  } catch (error) {
    report({ fault: faultOf(error) });
  }
});
