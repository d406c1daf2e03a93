/** A backup of the running server, on a disk of the server's machine. */
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type BackupReport, backupPlan, isBackupError, runBackup } from '../backup/index.ts';
import { readBody } from '../http/query.ts';
import { ADMIN, type Call, type GuardedRoute } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';
import type { Services } from '../services.ts';

const body = z.strictObject({
  target: z
    .string()
    .min(1)
    .max(4096)
    .refine((path) => isAbsolute(path), 'must be an absolute path on the machine of the server'),
  keep: z.number().int().min(1).max(10_000).optional(),
});

/** One at a time: two would take each other's room and time. */
const running = new WeakSet<Services>();

/**
 * `POST /api/v1/backups`: makes a backup and tells how it goes, a line of JSON at a time: `{"progress"}` several times, then
 * `{"done"}` or `{"error"}`. Whoever hangs up ends it, and nothing of it is left.
 */
export const makeBackup: GuardedRoute = {
  method: 'POST',
  path: '/api/v1/backups',
  summary: 'Make a backup on a disk of the server; tells its progress as NDJSON',
  roles: ADMIN,
  body: 'json',
  async handle(call) {
    const { target, keep } = readBody(call.req, body);
    const { services } = call;
    if (running.has(services)) {
      throw new HttpProblem(409, 'backup-running', 'A backup is under way; ask again when it has ended');
    }
    running.add(services);
    try {
      await note(call, 'backup-started', target, { keep: keep ?? null });
      await answer(call, target, keep);
    } finally {
      running.delete(services);
    }
  },
};

async function answer(call: Call, target: string, keep: number | undefined): Promise<void> {
  const { res, services } = call;
  const gone = new AbortController();
  const leave = () => gone.abort();
  res.once('close', leave);
  res.setHeader('Content-Type', 'application/x-ndjson; charset=utf-8');
  const say = (line: object) => {
    // Lines of progress for somebody who does not read them are not kept.
    if (!res.writableNeedDrain) res.write(`${JSON.stringify(line)}\n`);
  };
  try {
    const report = await make(services, target, keep, (progress) => say({ progress }), gone.signal);
    await note(call, 'backup-made', report.path, {
      position: report.position,
      files: report.files,
      bytes: report.bytes,
      removed: report.removed,
    });
    if (res.writableNeedDrain) await once(res, 'drain', { signal: gone.signal });
    res.end(`${JSON.stringify({ done: report })}\n`);
  } catch (error) {
    const known = isBackupError(error);
    const code = known ? error.code : 'internal-error';
    services.log[known ? 'warn' : 'error']({ err: error, target }, 'backup failed');
    await note(call, 'backup-failed', target, { code });
    const message = known ? error.message : 'The backup failed; the log of the server says why';
    res.end(`${JSON.stringify({ error: { code, message } })}\n`);
  } finally {
    res.off('close', leave);
  }
}

async function make(
  services: Services,
  target: string,
  keep: number | undefined,
  onProgress: Parameters<typeof runBackup>[2],
  signal: AbortSignal,
): Promise<BackupReport> {
  const { config, doors, store, log, now } = services;
  const plan = backupPlan(config, target, keep, await doors.declarations(), now());
  const source = {
    head: async () => (await doors.metrics()).head,
    // The journal holds what could not be sealed: the backup is whole without.
    seal: async () => {
      await store
        .seal()
        .catch((error: unknown) => log.warn({ err: error }, 'backup goes on without sealing'));
    },
  };
  return runBackup(plan, source, onProgress, signal);
}

async function note(
  { services, identity, address }: Call,
  action: 'backup-started' | 'backup-made' | 'backup-failed',
  subject: string,
  detail: Parameters<Services['audit']['record']>[0]['detail'],
): Promise<void> {
  const at = services.now();
  await services.audit.record({ who: identity.subject, action, subject, detail, sourceAddress: address, at });
}
