/** A backup in a thread of its own: the main thread answers what only it knows. */
import { Worker } from 'node:worker_threads';
import { BackupError, type BackupErrorCode } from './backup-error.ts';
import { sweepTarget } from './backup-folder.ts';
import type { FromBackupThread, ToBackupThread } from './backup-thread.ts';
import type { BackupPlan, BackupProgress, BackupReport, BackupSource } from './make-backup.ts';

const BOOT = new URL('./backup-boot.mjs', import.meta.url);

/**
 * Makes a backup in a thread.
 *
 * @param signal - Ends it; what was written is removed.
 * @throws {BackupError} As `makeBackup`; `cancelled`.
 */
export async function runBackup(
  plan: BackupPlan,
  source: BackupSource,
  onProgress: (progress: BackupProgress) => void,
  signal: AbortSignal,
): Promise<BackupReport> {
  const worker = new Worker(BOOT, { name: 'jingwei-backup', execArgv: [], workerData: plan });
  const cancel = () => void worker.terminate();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    return await reportOf(worker, source, onProgress);
  } catch (error) {
    if (!signal.aborted) throw error;
    // The thread could not clean up after itself.
    await sweepTarget(plan.target, plan.startedAt).catch(() => undefined);
    throw new BackupError('cancelled', 'The backup was cancelled; nothing of it was left', { cause: error });
  } finally {
    signal.removeEventListener('abort', cancel);
    await worker.terminate();
  }
}

function reportOf(
  worker: Worker,
  source: BackupSource,
  onProgress: (progress: BackupProgress) => void,
): Promise<BackupReport> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromBackupThread) => {
      if ('progress' in message) onProgress(message.progress);
      else if ('done' in message) resolve(message.done);
      else if ('fault' in message) reject(errorOf(message.fault));
      else void answer(worker, source, message);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The backup thread ended with exit code ${code}`)));
  });
}

async function answer(
  worker: Worker,
  source: BackupSource,
  { ask, call }: { readonly ask: 'head' | 'seal'; readonly call: number },
): Promise<void> {
  const say = (message: ToBackupThread) => worker.postMessage(message);
  try {
    say({ call, value: (await source[ask]()) ?? null });
  } catch (error) {
    say({ call, error: error instanceof Error ? error.message : String(error) });
  }
}

function errorOf(fault: Extract<FromBackupThread, { fault: unknown }>['fault']): Error {
  if (fault.code !== null) return new BackupError(fault.code as BackupErrorCode, fault.message);
  const error = new Error(fault.message);
  if (fault.stack !== undefined) error.stack = fault.stack;
  return error;
}
