import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileJournal } from '../../ingest/journal/journal-contract.ts';
import { contentOf, message, openTestJournal } from '../../ingest/journal/journal-fixtures.ts';
import { prepareDataFolder } from '../data-folder.ts';
import { openState } from '../state/index.ts';
import { planOf, type TestFolder, testFolder, writePart, writeSnapshot } from './backup-fixtures.ts';
import { listBackups } from './backup-folder.ts';
import {
  type BackupPlan,
  type BackupSource,
  findBackup,
  makeBackup,
  restoreBackup,
  verifyBackup,
} from './index.ts';
import { formatManifest, type Manifest, parseManifest } from './manifest.ts';

let folder: TestFolder;
let journal: FileJournal;
let startedAt = Date.parse('2026-03-01T00:00:00Z');

beforeEach(async () => {
  folder = await testFolder();
  journal = await openTestJournal(join(folder.data, 'journal'), { segmentBytes: 4096 });
});
afterEach(async () => {
  await journal.close();
  folder.remove();
});

const source = (more: Partial<BackupSource> = {}): BackupSource => ({
  head: async () => journal.head,
  seal: async () => undefined,
  ...more,
});
const plan = (more: Partial<BackupPlan> = {}) => planOf(folder, { startedAt: startedAt++, ...more });
const append = (from: number, to: number) =>
  Promise.all(Array.from({ length: to - from }, (_, i) => journal.append(message(`message ${from + i}`))));
const restore = async (into: string, more: { replace?: boolean; path?: string } = {}) =>
  restoreBackup({
    backup: await findBackup(more.path ?? folder.target),
    into,
    replace: more.replace ?? false,
    floorBytes: 0,
    startedAt: startedAt++,
  });

async function contents(dir: string): Promise<string[]> {
  const opened = await openTestJournal(dir);
  try {
    return (await opened.read(opened.tail, 1e6)).filter(({ kind }) => kind === 'message').map(contentOf);
  } finally {
    await opened.close();
  }
}

describe('makeBackup and restoreBackup', () => {
  it('hold everything acknowledged before the backup began, at one position, while the journal grows', async () => {
    const acknowledged = await append(0, 200);
    let writing = true;
    const later = (async () => {
      for (let i = 200; writing; i++) await journal.append(message(`message ${i}`));
    })();
    const report = await makeBackup(plan(), source());
    writing = false;
    await later;
    expect(report.position).toBeGreaterThan(Math.max(...acknowledged));
    const into = join(folder.root, 'restored');
    const restored = await restore(into);
    expect(restored).toMatchObject({ position: report.position, snapshot: 0, setAside: null });

    const kept = await contents(join(into, 'journal'));
    expect(kept.length).toBeGreaterThanOrEqual(200);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `message ${i}`));
    // Snapshots at the heads of segments take positions as well.
    const reopened = await openTestJournal(join(into, 'journal'));
    expect(reopened.head).toBe(report.position);
    await reopened.close();

    const state = await openState(join(into, 'state/jingwei.sqlite'));
    expect(await state.selectFrom('user').select('name').execute()).toEqual([{ name: 'wang' }]);
    await state.destroy();
    expect(statSync(join(into, 'secrets/stream-keys.json')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(into, 'secrets/cli-token'))).toBe(false);
    expect(existsSync(join(into, 'index'))).toBe(false);
    expect(readFileSync(join(into, 'parts/observations/air/p1.parquet'), 'utf8')).toBe('rows of a part');
    expect(readdirSync(into).sort()).toEqual(['blobs', 'deliveries', 'journal', 'parts', 'secrets', 'state']);
    expect(restored.notRestored).toEqual(['config/settings.json']);
  });

  it('copies nothing again that the target has', async () => {
    await append(0, 2000);
    // Packed segments stay what they are.
    await journal.tidy();
    const first = await makeBackup(plan(), source());
    await append(2000, 2010);
    const second = await makeBackup(plan(), source());
    expect(second.reusedBytes).toBeGreaterThan(first.linkedBytes / 2);
    expect(second.linkedBytes).toBeLessThan(first.linkedBytes / 2);
    expect(first.linkedBytes).toBeGreaterThan(4096);
    const part = (path: string) => statSync(join(path, 'parts/observations/air/p1.parquet')).ino;
    expect(part(second.path)).toBe(part(first.path));
    // Each is whole by itself.
    rmSync(first.path, { recursive: true });
    await verifyBackup(await findBackup(folder.target));
    expect((await contents(join((await restore(join(folder.root, 'r'))).into, 'journal'))).length).toBe(2010);
  });

  it('refuses to restore what has one bit wrong, by name, and changes nothing', async () => {
    await append(0, 100);
    const { path } = await makeBackup(plan(), source());
    const names = (await findBackup(path)).manifest.files.map((file) => file.path);
    for (const name of names) {
      const file = join(path, name);
      const { mode } = statSync(file);
      const bytes = readFileSync(file);
      if (bytes.length === 0) continue;
      const flipped = Buffer.from(bytes);
      flipped[bytes.length >> 1]! ^= 1;
      // A new file: the old one may be the server's own, by a hard link.
      rmSync(file);
      writeFileSync(file, flipped);
      const into = join(folder.root, 'refused');
      await expect(restore(into)).rejects.toMatchObject({
        code: 'backup-damaged',
        message: expect.stringContaining(`"${name}"`),
      });
      expect(readdirSync(into)).toEqual([]);
      rmSync(file);
      writeFileSync(file, bytes);
      chmodSync(file, mode);
    }
    await restore(join(folder.root, 'restored'));
  });

  it('leaves nothing that looks whole when it is cut short, and sweeps it away', async () => {
    await append(0, 50);
    const died = new Error('cut');
    const cut = source({ head: async () => Promise.reject(died) });
    await expect(makeBackup(plan(), cut)).rejects.toBe(died);
    expect(readdirSync(folder.target)).toEqual([]);
    // As a kill leaves it: half written, its process dead.
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    const { path, id } = await makeBackup(plan(), source());
    const host = execFileSync('hostname', { encoding: 'utf8' }).trim();
    rmSync(join(path, 'manifest.json'));
    renameSync(path, join(folder.target, `.partial-${id}-${host}.${dead}`));
    expect(await listBackups(folder.target)).toEqual([]);
    await expect(restore(join(folder.root, 'r'))).rejects.toMatchObject({ code: 'no-backup' });
    const report = await makeBackup(plan(), source());
    expect(report.swept).toEqual([`.partial-${id}-${host}.${dead}`]);
    expect(readdirSync(folder.target)).toEqual([report.id]);
  });

  it('keeps so many backups of this data folder, and those of others', async () => {
    await append(0, 10);
    const other = await testFolder();
    const others = await makeBackup(
      { ...planOf(other), target: folder.target, startedAt: startedAt++ },
      {
        head: async () => 0,
        seal: async () => undefined,
      },
    );
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push((await makeBackup(plan({ keep: 2 }), source())).id);
    expect(readdirSync(folder.target).sort()).toEqual([others.id, ...ids.slice(2)].sort());
    other.remove();
  });

  it('follows parts that are merged while it reads, and refuses one that is damaged, by name', async () => {
    await append(0, 10);
    writePart(folder.data, 'air', 'p2', 'more rows');
    const parts = join(folder.data, 'parts/observations/air');
    let merged = false;
    await makeBackup(plan(), source(), ({ step, files }) => {
      if (merged || step !== 'parts' || files === 0) return;
      merged = true;
      writePart(folder.data, 'air', 'p3', 'rows of a part and more rows');
      for (const id of ['p1', 'p2'])
        for (const end of ['part.json', 'parquet']) rmSync(join(parts, `${id}.${end}`));
    });
    expect(merged).toBe(true);
    const taken = (await findBackup(folder.target)).manifest.files.map(({ path }) => path);
    expect(taken.filter((path) => path.startsWith('parts/observations/air/'))).toEqual([
      'parts/observations/air/p3.parquet',
      'parts/observations/air/p3.part.json',
    ]);
    writePart(folder.data, 'air', 'p4', 'good rows');
    writeFileSync(join(parts, 'p4.parquet'), 'evil rows');
    await expect(makeBackup(plan(), source())).rejects.toMatchObject({
      code: 'source-damaged',
      message: expect.stringContaining('p4.parquet'),
    });
  });

  it('leaves no gap when the journal lets go of segments between the passes, and refuses a hole', async () => {
    await journal.close();
    journal = await openTestJournal(join(folder.data, 'journal'), {
      segmentBytes: 4096,
      keepDays: 0,
      clock: Date.now,
    });
    await append(0, 400);
    let written = 0;
    const letGo = async () => {
      // As the index does: parts and state on disk first, then the journal is told.
      const position = journal.head;
      writeSnapshot(folder.data, position, position);
      await append(400 + 100 * written, 500 + 100 * written);
      written++;
      await journal.release(position);
      await journal.tidy();
    };
    const report = await makeBackup(plan(), source({ seal: letGo }));
    expect(journal.tail).toBeGreaterThan(0);
    expect(report.replayFrom).toBeGreaterThan(300);
    expect(report.journalFrom).toBeLessThanOrEqual(report.replayFrom);
    const { into } = await restore(join(folder.root, 'restored'));
    const kept = await contents(join(into, 'journal'));
    expect(kept.at(-1)).toBe('message 499');
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `message ${500 - kept.length + i}`));
    const state = join(folder.data, 'parts/state');
    renameSync(state, join(folder.root, 'state'));
    await expect(makeBackup(plan(), source())).rejects.toMatchObject({
      code: 'source-damaged',
      message: expect.stringContaining('there is no state snapshot'),
    });
  });

  it('refuses what has no room, and a target within the data folder', async () => {
    await append(0, 10);
    await expect(makeBackup(plan({ floorBytes: 2 ** 60 }), source())).rejects.toMatchObject({
      code: 'no-space',
    });
    const inside = join(folder.data, 'backups');
    await expect(makeBackup(plan({ target: inside }), source())).rejects.toMatchObject({
      code: 'target-unfit',
    });
    await expect(restore(join(folder.root, 'r'), { path: inside })).rejects.toMatchObject({
      code: 'no-backup',
    });
  });

  it('refuses a folder that holds something or that a server holds; sets aside when told', async () => {
    await append(0, 10);
    await makeBackup(plan(), source());
    await expect(restore(folder.data, { replace: true })).rejects.toMatchObject({ code: 'in-use' });
    const into = join(folder.root, 'full');
    mkdirSync(into);
    writeFileSync(join(into, 'precious'), 'x');
    await expect(restore(into)).rejects.toMatchObject({ code: 'not-empty' });
    expect(readdirSync(into)).toEqual(['precious']);
    const { setAside } = await restore(into, { replace: true });
    expect(readFileSync(join(setAside!, 'precious'), 'utf8')).toBe('x');
    expect((await contents(join(into, 'journal'))).length).toBe(10);
    // A restore that was cut short: no server may start, another restore may.
    mkdirSync(join(into, '.restoring/journal'), { recursive: true });
    expect(() => prepareDataFolder(into)).toThrow(/was cut short/);
    await restore(into, { replace: true });
    expect(() => prepareDataFolder(into)).not.toThrow();
  });
});

describe('manifest', () => {
  const manifest: Manifest = {
    format: 1,
    id: '20260301T000000000Z',
    startedAt: '2026-03-01T00:00:00.000Z',
    program: '0.1.0',
    origin: { host: 'h', dataDir: '/data' },
    position: 12,
    journalFrom: 0,
    snapshot: null,
    replayFrom: 0,
    leftOut: [],
    files: [{ path: 'a/b', bytes: 1, sha256: 'a'.repeat(64), mode: 0o600, mtimeMs: 1.5, immutable: true }],
  };

  it('is what was written, or is refused: any bit of it that flips shows', () => {
    const bytes = Buffer.from(formatManifest(manifest));
    expect(parseManifest(bytes.toString(), 'm')).toEqual(manifest);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        try {
          // White space between members may change; nothing else.
          expect(parseManifest(flipped.toString('latin1'), 'm')).toEqual(manifest);
        } catch (error) {
          expect(error).toMatchObject({ code: 'backup-damaged' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('names no file outside its folder', () => {
    for (const path of ['../a', '/a', 'a//b', 'a/../../b', '']) {
      const evil = { ...manifest, files: [{ ...manifest.files[0]!, path }] };
      expect(() => parseManifest(formatManifest(evil), 'm')).toThrow(/Cannot read/);
    }
  });
});
