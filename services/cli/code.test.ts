import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beidou2d, h3 } from '../../grid/index.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-code-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function code(...args: readonly string[]) {
  return new Promise<{ status: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'code', ...args], { cwd: ROOT });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes) => (out += bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    child.once('exit', (status) => resolve({ status, out, err }));
  });
}

describe('jingwei code', () => {
  it('jingwei code writes the coded table and a summary, and decodes it again', async () => {
    const [table, coded, decoded] = ['t.csv', 'coded.csv', 'decoded.csv'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    writeFileSync(table, '名称,x,y\n甲,104.6263,35.5806\n乙,,1\n');
    const made = await code(
      table,
      coded,
      '--code',
      'beidou2d:10',
      '--code',
      'h3:9:蜂窝',
      '--lon',
      'x',
      '--lat',
      'y',
    );
    expect([made.status, JSON.parse(made.out)]).toMatchObject([
      0,
      { rows: 2, refused: 1, added: ['beidou2d_10', '蜂窝', 'code_error'] },
    ]);
    expect(made.err).toMatch(/^2 rows in .* s, 1 of them refused\n$/);
    const text = beidou2d.format(beidou2d.encode(104.6263, 35.5806, 10), 10);
    const cell = h3.format(h3.encode(104.6263, 35.5806, 9), 9);
    expect(readFileSync(coded, 'utf8').split('\n')[1]).toBe(`甲,104.6263,35.5806,${text},${cell},`);
    const back = await code(coded, decoded, '--decode', 'beidou2d', '--column', 'beidou2d_10');
    expect([back.status, JSON.parse(back.out)]).toMatchObject([
      0,
      { rows: 2, refused: 1, columns: { code: 'beidou2d_10' } },
    ]);
  });

  it('jingwei code tells a wrong call (2) from a file that cannot be coded (1), and leaves no half file', async () => {
    const table = join(folder, 'w.csv');
    writeFileSync(table, 'a,b\n1,2\n');
    const out = join(folder, 'w-out.csv');
    expect(await code(table, out)).toMatchObject({
      status: 2,
      err: expect.stringContaining('--code is missing'),
    });
    expect(await code(table, out, '--code', 'h3:99')).toMatchObject({
      status: 2,
      err: expect.stringContaining('0..15'),
    });
    expect(await code(table, out, '--code', 'h3:9')).toMatchObject({
      status: 1,
      err: expect.stringContaining('found are "a", "b"'),
    });
    expect(await code(join(folder, 'none.csv'), out, '--code', 'h3:9')).toMatchObject({ status: 1 });
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
