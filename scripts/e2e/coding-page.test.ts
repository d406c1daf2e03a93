/** A clerk's way through the page: a table in, the same table with codes out, in Chromium against the real server. */
import { readFileSync } from 'node:fs';
import iconv from 'iconv-lite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beidou2d, beidou3d, h3, toCgcs2000 } from '../../grid/index.ts';
import { ensureBundle, openBrowser } from '../../viz/dev/browser.ts';
import { removeData, type ServerProcess, startServer } from '../testing/server-process.ts';

let server: ServerProcess;
let browser: Browser;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  await ensureBundle();
  server = await startServer();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => faults.push(error.message));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  removeData(server.dataDir);
});

const at = (id: string) => page.getByTestId(id);

async function signIn(on: Page): Promise<void> {
  await on.locator('input[name=user]').fill('admin');
  await on.locator('input[name=password]').fill('a-password-for-tests-only');
  await on.locator('button[type=submit]').click();
}

async function choose(name: string, buffer: Buffer): Promise<void> {
  await at('file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await expect.poll(() => at('file-name').innerText()).toBe(name);
}

async function jobEnded(name: string, state: 'done' | 'failed'): Promise<void> {
  await expect
    .poll(async () => [await at('job').locator('h2').innerText(), await at('job').getAttribute('data-state')])
    .toEqual([name, state]);
}

/** The bytes and the name of what the link gives. */
async function download(): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download'), at('download').click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** Names of the files the server has, newest first. */
async function filesOfServer(): Promise<readonly string[]> {
  const { files } = await server.json<{ files: { name: string }[] }>('/api/v1/coding/files');
  return files.map(({ name }) => name);
}

describe('the page of grid codes, with a table', () => {
  it('asks who is there, then codes a GB18030 table in 2D, H3 and 3D and gives it back byte for byte', async () => {
    await page.goto(`${server.url}/codes.html?view=table&lang=zh`);
    await signIn(page);
    await at('table-form').waitFor();
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      head: `0${i},"定西市, ""${i}"" 号"`,
      lon: i % 100 === 7 ? '' : (104.5 + i * 1e-5).toFixed(5),
    }));
    const text = `编号,地址,经度,纬度,高程\r\n${rows.map(({ head, lon }) => `${head},${lon},35.58,1932\r\n`).join('')}`;
    await choose('路灯 表.csv', iconv.encode(text, 'gb18030'));
    await at('code-add').click();
    await at('code-choice').nth(2).locator('select').first().selectOption('beidou3d');
    await at('code-choice').nth(2).locator('select').last().selectOption('8');
    await at('reference').selectOption('gcj02');
    await at('start').click();
    await expect.poll(() => at('form-note').innerText()).toContain('请选择高度起算面');
    await at('height-above').selectOption('sea-level');
    await at('height-offset').fill('-32');
    await at('start').click();
    await jobEnded('路灯 表.csv', 'done');
    expect(await at('rows').innerText()).toBe('2000');
    expect(await at('refused').innerText()).toBe('20');
    await expect
      .poll(() => at('refused-rows').locator('tbody tr').first().innerText())
      .toMatch(/^8\s+缺少数值 +Longitude or easting is empty$/);
    await expect
      .poll(() => at('sample').locator('th.added').allInnerTexts())
      .toEqual(['beidou2d_6', 'h3_9', 'beidou3d_8', 'code_error']);

    const { name, bytes } = await download();
    expect(name).toBe('路灯 表.coded.csv');
    const lines = iconv.decode(bytes, 'gb18030').split('\r\n');
    expect(lines[0]).toBe('编号,地址,经度,纬度,高程,beidou2d_6,h3_9,beidou3d_8,code_error');
    const wanted = rows.map(({ head, lon }) => {
      const own = `${head},${lon},35.58,1932`;
      if (lon === '') return `${own},,,,value-missing: Longitude or easting is empty`;
      const { lonDeg: x, latDeg: y } = toCgcs2000({ datum: 'gcj02', lonDeg: Number(lon), latDeg: 35.58 });
      const codes = [
        beidou2d.format(beidou2d.encode(x, y, 6), 6),
        h3.format(h3.encode(x, y, 9), 9),
        beidou3d.format(beidou3d.encode(x, y, 1900, 8)),
      ];
      return `${own},${codes.join(',')},`;
    });
    expect(lines.slice(1)).toEqual([...wanted, '']);
    expect(bytes.equals(iconv.encode([lines[0], ...wanted, ''].join('\r\n'), 'gb18030'))).toBe(true);
  });

  it('takes what it made, dropped on the page, and reads the codes', async () => {
    await at('direction-decode').click();
    const code = beidou2d.format(beidou2d.encode(104.6263, 35.5806, 9), 9);
    const dropped = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'codes.tsv'));
      return data;
    }, `id\t网格码\n1\t${code}\n2\tN48?\n`);
    await at('drop').dispatchEvent('drop', { dataTransfer: dropped });
    await expect.poll(() => at('file-name').innerText()).toBe('codes.tsv');
    await at('start').click();
    await jobEnded('codes.tsv', 'done');
    const [header, first, second] = (await download()).bytes.toString('utf8').split('\n');
    expect(header?.split('\t').slice(0, 5)).toEqual(['id', '网格码', 'lon', 'lat', 'level']);
    expect(Number(first?.split('\t')[2])).toBeCloseTo(104.6263, 5);
    expect(second).toMatch(/^2\tN48\?\t\t.*zone-invalid: /);
    await at('direction-encode').click();
  });

  it('offers the columns when the server cannot tell them, and codes the same file again', async () => {
    await choose('东西.csv', Buffer.from('序号,E方向,N方向\n1,104.6263,35.5806\n'));
    await at('code-choice').nth(2).getByRole('button').click();
    await at('reference').selectOption('cgcs2000');
    const before = await at('job-row').count();
    await at('start').click();
    await jobEnded('东西.csv', 'failed');
    await expect.poll(() => at('problem').innerText()).toContain('found are "序号", "E方向", "N方向"');
    expect(await at('column-lon').locator('option').allInnerTexts()).toEqual([
      '按列名识别',
      '序号',
      'E方向',
      'N方向',
    ]);
    await at('column-lon').selectOption('E方向');
    await at('column-lat').selectOption('N方向');
    await at('start').click();
    await jobEnded('东西.csv', 'done');
    expect((await download()).bytes.toString('utf8').split('\n')[1]).toBe(
      `1,104.6263,35.5806,${beidou2d.format(beidou2d.encode(104.6263, 35.5806, 6), 6)},${h3.format(h3.encode(104.6263, 35.5806, 9), 9)},`,
    );
    // The try that failed is gone.
    await expect.poll(() => at('job-row').count()).toBe(before + 1);
  });

  it('says what the server refuses, in its words, and keeps the form', async () => {
    await choose('empty.csv', Buffer.alloc(0));
    await at('start').click();
    await expect.poll(() => at('form-note').innerText()).toContain('The file is empty');
    await choose('photo.png', Buffer.from([1]));
    await at('start').click();
    await expect.poll(() => at('form-note').innerText()).toContain('不支持此类文件');
    await choose('broken.xlsx', Buffer.from('no workbook'));
    await at('start').click();
    await jobEnded('broken.xlsx', 'failed');
    await expect.poll(() => at('problem').innerText()).toContain('文件内容有误');
  });

  it('sends nothing more when cancelled', async () => {
    const before = await filesOfServer();
    // Held here, so that the cancel comes before the end however fast the machine is.
    const sends = '**/api/v1/coding/files?*';
    await page.route(sends, () => undefined);
    await choose('long.csv', Buffer.from('lon,lat\n104.6,35.5\n'));
    await at('start').click();
    await expect.poll(() => page.locator('.coding-sending').innerText()).toContain('正在上传');
    await page.locator('.coding-sending button').click();
    await at('start').waitFor();
    await page.unroute(sends);
    await page.reload();
    await expect.poll(() => at('job-row').count()).toBe(before.length);
    expect(await filesOfServer()).toEqual(before);
  });

  it('removes a result when asked twice, and a failed file at once', async () => {
    const rows = (await filesOfServer()).length;
    await expect.poll(() => at('job-row').count()).toBe(rows);
    await at('row-remove').first().click();
    await expect.poll(() => at('job-row').count()).toBe(rows - 1);
    await at('job-row').first().click();
    await jobEnded('东西.csv', 'done');
    await at('remove').click();
    await expect.poll(() => at('remove').innerText()).toBe('确认删除？');
    await at('remove').click();
    await expect.poll(() => at('job-row').count()).toBe(rows - 2);
  });

  it('ends the coding of a file under way, and goes on with the next one', async () => {
    const rows = (await filesOfServer()).length;
    await expect.poll(() => at('job-row').count()).toBe(rows);
    await choose('huge.csv', Buffer.from(`lon,lat\n${'104.6,35.5\n'.repeat(2_500_000)}`));
    await at('start').click();
    await expect.poll(() => at('job').innerText()).toMatch(/huge.csv[\s\S]*赋码中 \d+/);
    await at('remove').click();
    await expect.poll(() => at('job-row').count()).toBe(rows);
    await choose('next.csv', Buffer.from('lon,lat\n104.6263,35.5806\n'));
    await at('start').click();
    await jobEnded('next.csv', 'done');
  });

  it('keeps the form over a session that ends', async () => {
    await choose('later.csv', Buffer.from('lon,lat\n104.6263,35.5806\n'));
    await page.context().clearCookies();
    await at('start').click();
    await page.locator('input[name=password]').waitFor();
    await signIn(page);
    await expect.poll(() => at('file-name').innerText()).toBe('later.csv');
    await at('start').click();
    await jobEnded('later.csv', 'done');
  });

  it('tells a wall seat and an auditor plainly that they may not', async () => {
    const { path } = await server.json<{ path: string }>('/api/v1/seats', {
      method: 'POST',
      body: JSON.stringify({ label: 'hall' }),
    });
    const seat = await browser.newPage();
    await seat.goto(server.url + path);
    await seat.goto(`${server.url}/codes.html?view=table&lang=en`);
    await expect.poll(() => seat.getByTestId('may-not').innerText()).toContain('A wall seat may look');
    await seat.context().close();
    await server.json('/api/v1/users', {
      method: 'POST',
      body: JSON.stringify({ name: 'audit', role: 'auditor', password: 'another-password-for-tests' }),
    });
    const auditor = await browser.newPage();
    await auditor.goto(`${server.url}/codes.html?view=table&lang=en`);
    await auditor.locator('input[name=user]').fill('audit');
    await auditor.locator('input[name=password]').fill('another-password-for-tests');
    await auditor.locator('button[type=submit]').click();
    await expect.poll(() => auditor.locator('main').innerText()).toContain('This account may not');
    await auditor.context().close();
    expect(faults).toEqual([]);
  });
});
