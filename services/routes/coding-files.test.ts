import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import readXlsxFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { beidou2d, beidou3d, h3 } from '../../grid/index.ts';
import { openCoding } from '../coding/index.ts';
import { startTestServer, type TestServer } from '../http/test-server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ maxDeliveryBytes: 8 * 1024 * 1024 });
  token = await server.tokenOf('officer');
});
afterAll(() => server.close());

interface Job {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly rows: number; readonly share: number };
  readonly summary: Record<string, unknown> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly links: { readonly self: string; readonly result: string | null };
}

function call(path: string, init: RequestInit = {}, as = token) {
  return fetch(server.url + path, { ...init, headers: { authorization: `Bearer ${as}`, ...init.headers } });
}

const bring = (query: string, body: BodyInit, as = token) =>
  call(`/api/v1/coding/files?${query}`, { method: 'POST', body }, as);

const FILES = '/api/v1/coding/files';

async function ended(job: Job): Promise<Job> {
  return await expect
    .poll(async () => (await (await call(job.links.self)).json()) as Job, { timeout: 25_000, interval: 50 })
    .toMatchObject({ state: expect.stringMatching(/done|failed/) })
    .then(async () => (await (await call(job.links.self)).json()) as Job);
}

async function coded(query: string, body: BodyInit): Promise<{ job: Job; bytes: Buffer; headers: Headers }> {
  const answer = await bring(query, body);
  expect(answer.status).toBe(202);
  const job = await ended((await answer.json()) as Job);
  expect(job.error).toBeNull();
  const result = await call(job.links.result!);
  return { job, bytes: Buffer.from(await result.arrayBuffer()), headers: result.headers };
}

describe('/api/v1/coding/files', () => {
  it('codes 50,000 rows of GB18030 with dirty ones among them: order, bytes, counts, name', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => ({
      lon: i % 1000 === 3 ? '' : i % 1000 === 5 ? '不详' : (104 + i * 1e-5).toFixed(5),
      text: `${i},"定西市 ""${i}"" 号"`,
    }));
    const text = `编号,地址,经度,纬度\r\n${rows.map(({ lon, text: head }) => `${head},${lon},35.50\r\n`).join('')}`;
    const { job, bytes, headers } = await coded(
      `name=${encodeURIComponent('设施 表.csv')}&code=beidou2d:10&code=h3:9:${encodeURIComponent('蜂窝')}`,
      iconv.encode(text, 'gb18030') as BodyInit,
    );
    expect(job).toMatchObject({
      state: 'done',
      name: '设施 表.csv',
      progress: { rows: 50_000, share: 1 },
      summary: {
        rows: 50_000,
        refused: 100,
        refusals: { 'value-missing': 50, 'value-invalid': 50 },
        encoding: 'gb18030',
        columns: { lon: '经度', lat: '纬度' },
        added: ['beidou2d_10', '蜂窝', 'code_error'],
      },
    });
    expect(headers.get('content-type')).toBe('text/csv');
    expect(decodeURIComponent(headers.get('content-disposition')!)).toContain(
      "filename*=UTF-8''设施 表.coded.csv",
    );
    const lines = iconv.decode(bytes, 'gb18030').split('\r\n');
    expect(lines).toHaveLength(50_002);
    expect(lines[0]).toBe('编号,地址,经度,纬度,beidou2d_10,蜂窝,code_error');
    const wrong = rows.filter(({ lon, text: head }, i) => {
      const line = lines[i + 1]!;
      const cells = line.slice(`${head},${lon},35.50,`.length);
      if (!line.startsWith(`${head},${lon},35.50,`)) return true;
      if (!/^\d/.test(lon)) return !/^,,.*value-(missing|invalid): /.test(cells);
      const code = beidou2d.format(beidou2d.encode(Number(lon), 35.5, 10), 10);
      return cells !== `${code},${h3.format(h3.encode(Number(lon), 35.5, 9), 9)},`;
    });
    expect(wrong).toEqual([]);
    // The file that was brought is not kept once it is coded.
    expect(readdirSync(join(server.services.config.dataDir, 'coding', job.id)).sort()).toEqual([
      'job.json',
      'result',
    ]);
  });

  it('codes GeoJSON and XLSX, in 3D with a declared height, and decodes again', async () => {
    const geojson = {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          properties: { h: 1932 },
          geometry: { type: 'Point', coordinates: [104.6263, 35.5806] },
        },
      ],
    };
    const first = await coded(
      'name=p.geojson&dggrs=beidou3d&level=8&height=h&heightReference=sea-level:-32',
      JSON.stringify(geojson),
    );
    const code = beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 8));
    expect(JSON.parse(first.bytes.toString()).features[0].properties).toEqual({ h: 1932, beidou3d_8: code });
    expect(first.headers.get('content-type')).toBe('application/geo+json');
    const workbook = await writeXlsxFile([
      [{ value: '名称' }, { value: '北斗网格码' }],
      [{ value: '甲' }, { value: code }],
    ]).toBuffer();
    const second = await coded(
      'name=c.xlsx&direction=decode&dggrs=beidou3d',
      workbook as unknown as BodyInit,
    );
    const [sheet] = await readXlsxFile(second.bytes);
    expect(sheet!.data[0]!.slice(0, 5)).toEqual(['名称', '北斗网格码', 'lon', 'lat', 'level']);
    expect(sheet!.data[1]!.slice(0, 2)).toEqual(['甲', code]);
    expect(sheet!.data[1]![4]).toBe(8);
  });

  it('tells a file that cannot be coded by its job, with what was found', async () => {
    const job = await ended((await (await bring('name=x.csv&code=h3:9', 'a,b\n1,2\n')).json()) as Job);
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'columns-unclear' },
      links: { result: null },
    });
    expect(job.error!.message).toMatch(/found are "a", "b"/);
    const early = await call(`${job.links.self}/result`);
    expect(await early.json()).toMatchObject({ status: 409, code: 'result-not-ready', state: 'failed' });
  });

  it.each([
    ['name=x.csv', 400, 'plan-invalid'],
    ['code=h3:9', 400, 'invalid-query'],
    ['name=x.csv&code=h3:9&code=h3:9', 400, 'plan-invalid'],
    ['name=x.csv&code=h3:9&where=here', 400, 'invalid-query'],
    ['name=x.csv&code=h3:9&encoding=big5', 400, 'invalid-query'],
    ['name=x.csv&code=h3:9&delimiter=ab', 400, 'invalid-query'],
    ['name=x.csv&code=h3:9&datum=xian80', 400, 'plan-invalid'],
    ['name=x.csv&direction=decode', 400, 'invalid-query'],
    ['name=x.geojson&code=h3:9&cover=beidou3d:3', 400, 'plan-invalid'],
    ['name=x.xls&code=h3:9', 415, 'format-unknown'],
    [`name=x.csv&${Array.from({ length: 11 }, (_, i) => `code=h3:${i}`).join('&')}`, 400, 'plan-invalid'],
  ])('refuses %s', async (query, status, code) => {
    const answer = await bring(query, 'lon,lat\n1,2\n');
    expect(await answer.json()).toMatchObject({ status, code });
  });

  it('refuses an empty and a too large upload, keeps nothing of a cut one', async () => {
    expect(await (await bring('name=x.csv&code=h3:9', '')).json()).toMatchObject({
      status: 400,
      code: 'empty-body',
    });
    const large = await bring('name=x.csv&code=h3:9', Buffer.alloc(9 * 1024 * 1024, 'a') as BodyInit);
    expect(await large.json()).toMatchObject({ status: 413, code: 'body-too-large' });
    const folder = join(server.services.config.dataDir, 'coding');
    const before = readdirSync(folder).length;
    const outgoing = request(`${server.url}${FILES}?name=x.csv&code=h3:9`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-length': 1_000_000 },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('lon,lat\n');
    await expect.poll(() => readdirSync(folder).length).toBe(before + 1);
    outgoing.destroy();
    await expect.poll(() => readdirSync(folder).length).toBe(before);
  });

  it('shows a job to whoever brought it and to an admin, to nobody else; audits and removes it', async () => {
    const { job } = await coded('name=own.csv&code=h3:9', 'lon,lat\n1,2\n');
    const other = await server.tokenOf('officer');
    const admin = await server.tokenOf('admin');
    for (const path of [job.links.self, job.links.result!])
      expect(await (await call(path, {}, other)).json()).toMatchObject({ status: 404, code: 'unknown-file' });
    expect((await call(job.links.self, { method: 'DELETE' }, other)).status).toBe(404);
    expect(await (await call(FILES, {}, other)).json()).toEqual({ files: [] });
    const all = (await (await call(FILES, {}, admin)).json()) as { files: Job[] };
    expect(all.files[0]!.id).toBe(job.id);
    expect((await call(job.links.self, { method: 'DELETE' })).status).toBe(204);
    expect((await call(job.links.self)).status).toBe(404);
    const lines = await server.services.audit.list(2);
    expect(lines.map((line) => [line.action, line.subject])).toEqual([
      ['coding-file-removed', job.id],
      ['coding-file-brought', job.id],
    ]);
  });

  it('ends a job under way when it is deleted, and goes on with the next', async () => {
    const body = `lon,lat\n${'104.6,35.5\n'.repeat(300_000)}`;
    const long = (await (await bring('name=long.csv&code=h3:9', body)).json()) as Job;
    const short = (await (await bring('name=short.csv&code=h3:9', 'lon,lat\n1,2\n')).json()) as Job;
    expect((await call(long.links.self, { method: 'DELETE' })).status).toBe(204);
    expect((await ended(short)).state).toBe('done');
    expect(readdirSync(join(server.services.config.dataDir, 'coding'))).not.toContain(long.id);
  });

  it('forgets a finished job after a day', async () => {
    const { job } = await coded('name=old.csv&code=h3:9', 'lon,lat\n1,2\n');
    server.advance(86_400_000 + 1000);
    await coded('name=new.csv&code=h3:9', 'lon,lat\n1,2\n');
    expect((await call(job.links.self)).status).toBe(404);
  });
});

describe('openCoding', () => {
  const task = { direction: 'encode', format: 'csv', plan: undefined } as const;

  it('begins a job anew that a stop cut short, and gives up one that ends the server again and again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jingwei-jobs-'));
    const faults: Error[] = [];
    const options = { folder, floorBytes: 0, now: Date.now, onFault: (error: Error) => faults.push(error) };
    try {
      const { encodePlan } = await import('../coding/index.ts');
      const { writeFileSync, readFileSync } = await import('node:fs');
      const first = await openCoding(options);
      const incoming = await first.files.receive();
      const content = `lon,lat\n${'104.6,35.5\n'.repeat(150_000)}`;
      writeFileSync(incoming.path, content);
      const given = {
        owner: 'test',
        name: 'x.csv',
        bytes: content.length,
        task: { ...task, plan: encodePlan({ codes: ['h3:9'] }) },
      };
      const { id } = await incoming.accept(given);
      await expect.poll(() => first.files.get(id)!.state).toBe('running');
      await first.close();
      const path = join(folder, id, 'job.json');
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ state: 'waiting', attempts: 0 });
      const second = await openCoding(options);
      await expect.poll(() => second.files.get(id)!.state, { timeout: 20_000 }).toBe('done');
      expect(second.files.get(id)!.summary).toMatchObject({ rows: 150_000, refused: 0 });
      await second.close();
      writeFileSync(path, JSON.stringify({ ...second.files.get(id), state: 'running', attempts: 2 }));
      const third = await openCoding(options);
      expect(third.files.get(id)).toMatchObject({ state: 'failed', error: { code: 'interrupted' } });
      await third.close();
      expect(faults).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses a file when less than the floor would stay free', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jingwei-jobs-'));
    const coding = await openCoding({ folder, floorBytes: 2 ** 60, now: Date.now, onFault: () => undefined });
    try {
      const incoming = await coding.files.receive();
      await expect(incoming.checkSpace(1)).rejects.toMatchObject({ code: 'disk-full' });
      await incoming.discard();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      await coding.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
