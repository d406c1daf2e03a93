import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../http/test-server.ts';
import { COMMANDS } from './commands.ts';
import { toCsv } from './csv.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let server: TestServer;
let folder: string;
let token: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-cli-'));
  server = await startTestServer({
    queries: {
      zones: async () =>
        ({
          zones: [
            { id: 'a', mean: 1.5 },
            { id: 'b,c', mean: null },
          ],
        }) as never,
      cube: async () =>
        ({
          zones: ['a', 'b'],
          t: [0, 60_000],
          zone: [1, 0],
          bucket: [0, 1],
          count: [2, 3],
          value: [1.5, null],
        }) as never,
      nearest: async (_access, { kind }) => ({ kind, [kind]: [{ id: 'e1', distanceM: 5 }] }) as never,
      count: async (_access, { area }) => ({ counts: [{ kind: 'events', atMost: corners(area) }] }) as never,
    },
  });
  token = await server.tokenOf('admin');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Corners of the polygon that arrived. */
function corners(area: unknown): number {
  return (area as { polygon: { coordinates: unknown[][] } }).polygon.coordinates[0]!.length;
}

function jingwei(args: readonly string[], input = '', env: Record<string, string> = {}) {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      cwd: ROOT,
      env: {
        ...process.env,
        JINGWEI_DATA_DIR: folder,
        JINGWEI_URL: server.url,
        JINGWEI_TOKEN: token,
        ...env,
      },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    child.stdin.end(input);
    child.once('exit', (code) => resolve({ code, out, err }));
  });
}

describe('the command line', () => {
  it('explains every command', async () => {
    expect(new Set(COMMANDS.map((command) => command.name)).size).toBe(COMMANDS.length);
    for (const { name, load } of COMMANDS) {
      const command = await load();
      expect(command.name).toBe(name);
      expect(command.help).toMatch(new RegExp(`^Usage: jingwei ${name}`));
    }
  });

  it('takes a polygon from a file, also one that no address has room for', async () => {
    const ring = (n: number) => Array.from({ length: n }, (_, i) => [104 + Math.sin(i), 35 + Math.cos(i)]);
    for (const n of [5, 3000]) {
      const file = join(folder, `area-${n}.geojson`);
      const geometry = { type: 'Polygon', coordinates: [ring(n)] };
      writeFileSync(file, JSON.stringify({ type: 'Feature', properties: {}, geometry }));
      const { out } = await jingwei(['query', 'count', '--polygon', `@${file}`]);
      expect(JSON.parse(out)).toEqual({ counts: [{ kind: 'events', atMost: n }] });
    }
    const missing = await jingwei(['query', 'count', '--polygon', '@nowhere.geojson']);
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('nowhere.geojson')]);
  });

  it('asks the server, as JSON, NDJSON and CSV', async () => {
    const query = ['query', 'zones', '--dggrs', 'h3', '--level', '7', '--property', 'pm25'];
    expect((await jingwei([...query, '--format', 'csv'])).out).toBe('id,mean\r\na,1.5\r\n"b,c",\r\n');
    expect((await jingwei([...query, '--format', 'ndjson'])).out.trim().split('\n')).toHaveLength(2);
    const refused = await jingwei(['query', 'zones', '--level', 'x']);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('dggrs')]);
    const rows = async (...args: string[]) => (await jingwei(['query', ...args, '--format', 'csv'])).out;
    const cube = await rows('cube', '--dggrs', 'h3', '--level', '7', '--property', 'pm25');
    expect(cube).toBe('id,t,count,value\r\nb,0,2,1.5\r\na,60000,3,\r\n');
    expect(await rows('nearest', '--kind', 'events', '--near', '1,2')).toBe('id,distanceM\r\ne1,5\r\n');
    const shut = await jingwei(query, '', { JINGWEI_TOKEN: 'nonsense' });
    expect([shut.code, shut.err]).toEqual([1, expect.stringContaining('not-signed-in')]);
  });

  it('makes people and tokens, and never takes a password from the arguments', async () => {
    expect((await jingwei(['user', 'add', 'zhao', '--role', 'analyst'], 'a long password\n')).code).toBe(0);
    expect(await server.services.users.check('zhao', 'a long password')).toMatchObject({ role: 'analyst' });
    const made = JSON.parse((await jingwei(['token', 'create', 'grafana', '--role', 'auditor'])).out) as {
      id: string;
    };
    expect((await jingwei(['token', 'revoke', made.id])).code).toBe(0);
    const device = await jingwei(['device', 'add', 'nvr-1', '--kind', 'gateway', '--publish', 'frigate/#']);
    expect(JSON.parse(device.out)).toMatchObject({ id: 'nvr-1' });
    expect(server.principals().find((one) => one.id === 'nvr-1')?.publish).toEqual(['frigate/#']);
  });

  it('exits with 2 when called wrongly and with 1 when settings are wrong', async () => {
    expect((await jingwei(['fly'])).code).toBe(2);
    expect((await jingwei(['grid', 'encode', '--lvel', '7'])).code).toBe(2);
    expect((await jingwei(['backup'])).code).toBe(2);
    const doctor = await jingwei(['doctor'], '', { JINGWEI_HTTP_PORT: 'http' });
    expect([doctor.code, doctor.err]).toEqual([1, expect.stringContaining('JINGWEI_HTTP_PORT')]);
  });
});

describe('toCsv', () => {
  it('quotes, flattens, and disarms formulas', () => {
    const rows = [
      { a: 'x"y', b: { c: 1, d: [1, 2] } },
      { a: '=1+1', e: -1 },
    ];
    expect(toCsv(rows)).toBe('a,b.c,b.d,e\r\n"x""y",1,"[1,2]",\r\n\'=1+1,,,-1\r\n');
  });
});
