/** The main thread's way to the thread that codes files: started with the first file, ended when none came for a while. */
import { Worker } from 'node:worker_threads';
import { CodingError } from './coding-error.ts';
import type { FileProgress, FileSummary } from './file-task.ts';
import type { FileReport, FileRun } from './file-thread.ts';
import { errorOf } from './thread-messages.ts';

/** Most heap of the thread: a workbook of the largest size is held as cells. MB. */
const HEAP_MB = 2048;
/** A thread without work costs some 60 MB of memory; starting it again some 0.7 s. ms. */
const IDLE_MS = 30_000;

const BOOT = new URL('./coding-boot.mjs', import.meta.url);

export interface FileRunner {
  /**
   * Codes one file; one at a time.
   *
   * @throws {CodingError} What is wrong with the file. Other errors are mistakes of ours, or `stop`.
   */
  run(file: FileRun, onProgress: (progress: FileProgress) => void): Promise<FileSummary>;
  /** Ends the thread, and the file under way with it. */
  stop(): Promise<void>;
}

export function createFileRunner(): FileRunner {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    const started = new Worker(BOOT, {
      name: 'jingwei-coding-file',
      execArgv: [],
      workerData: { run: 'file' },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const gone = () => {
      if (worker === started) worker = undefined;
    };
    // Told to the file under way; an idle thread that dies is started anew.
    started.on('error', gone).on('exit', gone);
    return started;
  }

  async function stop(): Promise<void> {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  }

  return {
    async run(file, onProgress) {
      clearTimeout(idle);
      worker ??= start();
      try {
        return await summaryOf(worker, file, onProgress);
      } finally {
        // A workbook leaves a large heap behind.
        if (file.task.format === 'xlsx') void stop();
        else idle = setTimeout(stop, IDLE_MS).unref();
      }
    },
    stop,
  };
}

function summaryOf(
  worker: Worker,
  file: FileRun,
  onProgress: (progress: FileProgress) => void,
): Promise<FileSummary> {
  return new Promise<FileSummary>((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (report: FileReport) => {
      if ('progress' in report) onProgress(report.progress);
      else if ('done' in report) settle(() => resolve(report.done));
      else settle(() => reject(errorOf(report.fault)));
    };
    const onError = (error: Error & { code?: string }) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const message = 'The file needs more memory than a job may have: save it as CSV, or cut it in parts';
      settle(() => reject(isMemory ? new CodingError('too-large', message) : error));
    };
    const onExit = (code: number) =>
      settle(() => reject(new Error(`The thread ended with exit code ${code}`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(file);
  });
}
