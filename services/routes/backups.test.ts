import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndexFacts } from '../../analytics/index.ts';
import type { AccountsAnswer } from '../../viz/schema/index.ts';
import { type BackupReport, findBackup, restoreBackup } from '../backup/index.ts';
import { type Client, clientOf } from '../cli/client.ts';
import { configOf } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { createLog } from '../log.ts';
import { type Server, startServer } from '../main.ts';
import { deepCheck } from '../upkeep/deep-check.ts';

let folder: string;
let server: Server;

function start(dataDir: string): Promise<Server> {
  const config = configOf({
    dataDir,
    adminPassword: 'a password for this test',
    http: { port: 0 },
    mqtt: { port: 0 },
    rtmp: { enabled: false },
    duckdb: { memoryMb: 128 },
    journal: { minFreeBytes: 0 },
  });
  const log = createLog('fatal', { write: (line) => void process.stderr.write(line) });
  return startServer(config, { log });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-backups-'));
  server = await start(join(folder, 'data'));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const client = (of: Server, dir: string): Client =>
  clientOf(of.url, readFileSync(join(folder, dir, 'secrets/cli-token'), 'utf8').trim());

interface Line {
  readonly progress?: { readonly step: string };
  readonly done?: BackupReport;
  readonly error?: { readonly code: string };
}

async function backup(target: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  await client(server, 'data').follow<Line>('/api/v1/backups', { target }, (line) => lines.push(line));
  return lines;
}

const DECLARATIONS = [
  {
    kind: 'dataset',
    body: {
      id: 'air',
      titleEn: 'Air',
      titleZh: '空气',
      publisherEn: 'Bureau',
      publisherZh: '局',
      licence: 'CC0-1.0',
      periodMs: 60_000,
    },
  },
  {
    kind: 'thing',
    body: {
      id: 'air-1',
      dataset: 'air',
      nameEn: 'Station 1',
      nameZh: '一号站',
      category: 'air-station',
      position: { lonDeg: 104.61, latDeg: 35.58 },
      datastreams: [{ property: 'pm25', periodMs: 60_000 }],
    },
  },
];

// Servers start and stop beside other tests.
describe('POST /api/v1/backups', { timeout: 120_000 }, () => {
  it('makes a backup under load that a server starts from with exactly what lay below its position', async () => {
    const admin = client(server, 'data');
    await admin.send('POST', '/api/v1/declarations', DECLARATIONS);
    const positions: number[] = [];
    let loading = true;
    const load = (async () => {
      for (let i = 0; loading; i++) {
        const time = Date.now() - 3_600_000 + i * 1000;
        const path = '/api/v1/ingest/jingwei-json?principal=air-1';
        const { position } = await admin.send<{ position: number }>('POST', path, {
          time,
          results: { pm25: i },
        });
        positions.push(position);
      }
    })();
    await expect.poll(() => positions.length).toBeGreaterThan(20);
    const acknowledged = positions.at(-1)!;
    const target = join(folder, 'backups');
    const lines = await backup(target);
    loading = false;
    await load;
    const { done } = lines.at(-1)!;
    expect(lines.some(({ progress }) => progress?.step === 'verify')).toBe(true);
    expect(done!.position).toBeGreaterThan(acknowledged);
    const { lines: audit } = await admin.get<{ lines: { action: string }[] }>('/api/v1/audit', {
      limit: '500',
    });
    expect(audit.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['backup-started', 'backup-made']),
    );

    // The open index beside the files it was made of, as `doctor --deep` looks at them.
    const open = await admin.get<{ head: number; facts: IndexFacts }>('/api/v1/checks/index');
    const deep = await deepCheck(dataFolder(join(folder, 'data')), {
      head: open.head,
      facts: async () => open.facts,
    });
    expect(deep.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(deep.journal.to).toBe(open.head);

    const into = join(folder, 'restored');
    const found = await findBackup(target);
    expect(JSON.parse(readFileSync(join(found.path, 'config/declarations.json'), 'utf8'))).toHaveLength(2);
    await restoreBackup({ backup: found, into, replace: false, floorBytes: 0, startedAt: Date.now() });
    const restored = await start(into);
    try {
      expect(await restored.loader.reached(done!.position, 20_000)).toBe(true);
      const { accounts } = await client(restored, 'restored').get<AccountsAnswer>('/api/v1/accounts');
      const below = positions.filter((position) => position < done!.position);
      expect(accounts.reduce((sum, { readings }) => sum + readings.stored, 0)).toBe(below.length);
    } finally {
      await restored.stop();
    }
  });

  it('refuses a target that is not absolute, and says what keeps a backup from being made', async () => {
    await expect(backup('backups')).rejects.toMatchObject({ status: 400 });
    const lines = await backup(join(folder, 'data', 'backups'));
    expect(lines.at(-1)).toMatchObject({ error: { code: 'target-unfit' } });
  });

  it('ends with whoever asked for it, and leaves nothing', async () => {
    const target = join(folder, 'given-up');
    const gone = new AbortController();
    const asking = fetch(`${server.url}/api/v1/backups`, {
      method: 'POST',
      signal: gone.signal,
      body: JSON.stringify({ target }),
      headers: {
        authorization: `Bearer ${readFileSync(join(folder, 'data/secrets/cli-token'), 'utf8').trim()}`,
        'content-type': 'application/json',
      },
    }).then((answer) => answer.text());
    const second = expect.poll(() => backup(target).catch((error: { code: string }) => error.code));
    await second.toBe('backup-running');
    gone.abort();
    await asking.catch(() => undefined);
    await expect.poll(() => (existsSync(target) ? readdirSync(target) : [])).toEqual([]);
  });
});
