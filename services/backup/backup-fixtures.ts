/** What the backup tests share: a data folder with a real journal, real SQLite, parts with sidecars, secrets, a blob. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState } from '../state/index.ts';
import type { BackupPlan } from './make-backup.ts';

export interface TestFolder {
  readonly root: string;
  readonly data: string;
  readonly target: string;
  remove(): void;
}

/** A data folder with one part, one state snapshot at position 0, one blob, one user, keys and a mark. */
export async function testFolder(): Promise<TestFolder> {
  const root = mkdtempSync(join(tmpdir(), 'jingwei-backup-'));
  const data = join(root, 'data');
  for (const folder of ['journal', 'secrets', 'deliveries', 'inbox', 'index'])
    mkdirSync(join(data, folder), { recursive: true });
  writePart(data, 'air', 'p1', 'rows of a part');
  writeSnapshot(data, 0, 0);
  const blob = 'a large delivery';
  mkdirSync(join(data, 'blobs', sha256(blob).slice(0, 2)), { recursive: true });
  writeFileSync(join(data, 'blobs', sha256(blob).slice(0, 2), sha256(blob)), blob);
  const state = await openState(join(data, 'state/jingwei.sqlite'));
  await state
    .insertInto('user')
    .values({ name: 'wang', role: 'admin', password: 'x', created_at: 1, password_at: 1, disabled: 0 })
    .execute();
  await state.destroy();
  writeFileSync(join(data, 'secrets/stream-keys.json'), '{"gate":"k"}', { mode: 0o600 });
  writeFileSync(join(data, 'secrets/cli-token'), 'token\n', { mode: 0o600 });
  writeFileSync(join(data, 'deliveries/one.json'), '{"state":"complete"}');
  writeFileSync(join(data, 'index/jingwei.duckdb'), 'not taken');
  return {
    root,
    data,
    target: join(root, 'backups'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A state snapshot as the index writes it. */
export function writeSnapshot(data: string, position: number, replayFrom: number): void {
  const folder = join(data, 'parts/state', `${position}-${replayFrom}-1`);
  mkdirSync(folder, { recursive: true });
  const rows = `accounts at ${position}`;
  writeFileSync(join(folder, 'account.parquet'), rows);
  const tables = [{ name: 'account', rows: 1, bytes: rows.length, sha256: sha256(rows) }];
  writeFileSync(join(folder, 'snapshot.json'), JSON.stringify({ format: 1, position, replayFrom, tables }));
}

/** A part as the index writes it: the file, then its sidecar. */
export function writePart(data: string, dataset: string, id: string, rows: string): void {
  const folder = join(data, 'parts/observations', dataset);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${id}.parquet`), rows);
  const file = { name: `${id}.parquet`, bytes: rows.length, sha256: sha256(rows), rows: 1 };
  writeFileSync(join(folder, `${id}.part.json`), JSON.stringify({ id, dataset, files: [file] }));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function planOf(folder: TestFolder, more: Partial<BackupPlan> = {}): BackupPlan {
  return {
    dataDir: folder.data,
    target: folder.target,
    floorBytes: 0,
    program: 'test',
    configFiles: {},
    configTexts: { 'settings.json': '{}' },
    startedAt: Date.now(),
    ...more,
  };
}
