/** The thread that makes one backup: reading, hashing and SQLite's copy hold up no answer of the server. */
import { parentPort, workerData } from 'node:worker_threads';
import { isBackupError } from './backup-error.ts';
import { type BackupPlan, type BackupProgress, type BackupReport, makeBackup } from './make-backup.ts';

/** What the thread says. `ask` wants an answer with the same number. */
export type FromBackupThread =
  | { readonly ask: 'head' | 'seal'; readonly call: number }
  | { readonly progress: BackupProgress }
  | { readonly done: BackupReport }
  | {
      readonly fault: {
        readonly code: string | null;
        readonly message: string;
        readonly stack: string | undefined;
      };
    };

/** What it is told. */
export type ToBackupThread =
  | { readonly call: number; readonly value: number | null }
  | { readonly call: number; readonly error: string };

/** Between two reports of progress, ms. */
const REPORT_MS = 250;

const port = parentPort!;
const say = (message: FromBackupThread) => port.postMessage(message);
const waiting = new Map<number, { resolve(value: number | null): void; reject(error: Error): void }>();
let calls = 0;

port.on('message', (message: ToBackupThread) => {
  const call = waiting.get(message.call);
  waiting.delete(message.call);
  if ('error' in message) call?.reject(new Error(message.error));
  else call?.resolve(message.value);
});

function ask(what: 'head' | 'seal'): Promise<number | null> {
  const call = calls++;
  return new Promise((resolve, reject) => {
    waiting.set(call, { resolve, reject });
    say({ ask: what, call });
  });
}

let reportedAt = Number.NEGATIVE_INFINITY;
let step: BackupProgress['step'] | undefined;

makeBackup(
  workerData as BackupPlan,
  {
    head: async () => (await ask('head')) ?? 0,
    seal: async () => void (await ask('seal')),
  },
  (progress) => {
    if (progress.step === step && performance.now() - reportedAt < REPORT_MS) return;
    reportedAt = performance.now();
    step = progress.step;
    say({ progress });
  },
).then(
  (done) => end({ done }),
  (error: unknown) => {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    end({ fault: { code: isBackupError(error) ? error.code : null, message, stack } });
  },
);

function end(message: FromBackupThread): void {
  say(message);
  port.close();
}
