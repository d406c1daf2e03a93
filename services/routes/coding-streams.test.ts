import { request } from 'node:http';
import { RecordBatchStreamWriter, tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beidou2d, beidou3d, convertDatum, h3 } from '../../grid/index.ts';
import { startTestServer, type TestServer } from '../http/test-server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ maxDeliveryBytes: 32 * 1024 * 1024 });
  token = await server.tokenOf('analyst');
});
afterAll(() => server.close());

const NDJSON = 'application/x-ndjson';
const ARROW = 'application/vnd.apache.arrow.stream';

function post(path: string, body: BodyInit | null, type: string, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/api/v1/coding/${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': type, ...headers },
  });
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('POST /api/v1/coding/encode', () => {
  it('adds code and id to each line, keeps its other bytes, and refuses lines in their place', async () => {
    const body = [
      '{"name":"定西","lon":104.6263,"lat":35.5806,"n":1.50,"big":12345678901234567890}',
      'nonsense',
      '{"lon":35.5806,"lat":104.6263}',
      '',
      '{"lon":"104","lat":35}',
      '{"lon":1,"lat":2,"id":"own"}',
      '{"lon":1,"lat":89}',
    ].join('\n');
    const answer = await post('encode?dggrs=beidou2d&level=10', body, NDJSON);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, NDJSON]);
    const text = await answer.text();
    const id = beidou2d.encode(104.6263, 35.5806, 10);
    expect(text.split('\n')[0]).toBe(
      `{"name":"定西","lon":104.6263,"lat":35.5806,"n":1.50,"big":12345678901234567890,"code":"N48I570748C320556007","id":"${id}"}`,
    );
    const lines = linesOf(text);
    expect(lines.map((line) => (line.error as { code?: string } | undefined)?.code)).toEqual([
      undefined,
      'json-invalid',
      'position-invalid',
      'position-invalid',
      undefined,
      'polar-unsupported',
    ]);
    expect(lines[1]!.line).toBe(2);
    expect(lines[2]).toMatchObject({ lon: 35.5806, lat: 104.6263 });
    expect(String((lines[2]!.error as { message: string }).message)).toContain('swapped');
    expect(lines[4]).toMatchObject({ id: 'own', zoneId: String(beidou2d.encode(1, 2, 10)) });
  });

  it('converts a declared datum and height reference before it codes in 3D', async () => {
    const gcj02 = convertDatum({ datum: 'cgcs2000', lonDeg: 104.6263, latDeg: 35.5806 }, 'gcj02');
    const body = JSON.stringify({ x: gcj02.lonDeg, y: gcj02.latDeg, h: 1932 });
    const query = 'dggrs=beidou3d&level=6&datum=gcj02&heightReference=sea-level:-32&lon=x&lat=y&height=h';
    const [line] = linesOf(await (await post(`encode?${query}`, body, NDJSON)).text());
    expect(line!.code).toBe(beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 6)));
    const clause6 = await post(`encode?${query}&heightCoding=clause6`, body, NDJSON);
    expect(linesOf(await clause6.text())[0]!.code).toBe(
      beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 6, 'clause6'), 'clause6'),
    );
    const plane = await post(
      'encode?dggrs=h3&level=9&datum=gk3-35',
      '{"lon":35466105.1,"lat":3939204.2}',
      NDJSON,
    );
    expect(linesOf(await plane.text())[0]!.code).toMatch(/^89/);
  });

  it('keeps the text of the members beside those of an earlier coding that give way', async () => {
    const rest =
      '"big": 12345678901234567890 ,"f":1.0,"a":{"code":[1.0,"}"]},"q\\"":"\\\\","lon":104.6,"lat":35.5';
    const code = h3.format(h3.encode(104.6, 35.5, 9), 9);
    const id = h3.encode(104.6, 35.5, 9);
    const body = [
      `{"code":"old",${rest},"id":7}`,
      `{ "c\\u006fde" : "old" , ${rest} }`,
      `{"error":{"code":1},${rest.replace('104.6', '999')}}`,
      '{"code":"x","lon":1,"error":2,"lat":2}',
    ].join('\n');
    const lines = (await (await post('encode?dggrs=h3&level=9', body, NDJSON)).text()).split('\n');
    const kept = rest.replace(' ,', ',');
    expect(lines[0]).toBe(`{${kept},"code":"${code}","id":"${id}"}`);
    expect(lines[1]).toBe(`{${kept},"code":"${code}","id":"${id}"}`);
    expect(lines[2]).toMatch(/^\{"error":\{"code":"position-invalid"/);
    expect(lines[2]!.endsWith(`,${kept.replace('104.6', '999')}}`)).toBe(true);
    expect(Object.keys(JSON.parse(lines[3]!))).toEqual(['lon', 'lat', 'code', 'id']);
  });

  it('refuses a member named as a height above sea level until the reference is declared, and tells the one used', async () => {
    const body = '{"lon":104.6,"lat":35.5,"海拔":1932}';
    const query = `dggrs=beidou3d&level=6&height=${encodeURIComponent('海拔')}`;
    const refused = await post(`encode?${query}`, body, NDJSON);
    expect(await refused.json()).toMatchObject({ status: 422, code: 'height-undeclared' });
    expect(refused.headers.get('jingwei-height-reference')).toBeNull();
    const declared = await post(`encode?${query}&heightReference=sea-level:-32`, body, NDJSON);
    expect(declared.headers.get('jingwei-height-reference')).toBe('sea-level:-32');
    expect(linesOf(await declared.text())[0]!.code).toBe(
      beidou3d.format(beidou3d.encode(104.6, 35.5, 1900, 6)),
    );
    const plain = await post('encode?dggrs=beidou3d&level=6', '{"lon":104.6,"lat":35.5,"height":1}', NDJSON);
    expect(plain.headers.get('jingwei-height-reference')).toBe('ellipsoidal');
    await plain.text();
  });

  it('takes a JSON array for an array', async () => {
    const rows = [{ lon: 104.6, lat: 35.5 }, { lon: 999, lat: 0 }, 7];
    const answer = await post('encode?dggrs=h3&level=9', JSON.stringify(rows), 'application/json');
    expect(await answer.json()).toEqual([
      {
        lon: 104.6,
        lat: 35.5,
        code: h3.format(h3.encode(104.6, 35.5, 9), 9),
        id: String(h3.encode(104.6, 35.5, 9)),
      },
      { lon: 999, lat: 0, error: expect.objectContaining({ code: 'position-invalid' }) },
      { error: expect.objectContaining({ code: 'json-invalid' }), line: 3 },
    ]);
    expect(await (await post('encode?dggrs=h3&level=9', '[]', 'application/json')).json()).toEqual([]);
  });

  it('codes Arrow batch by batch: all columns come back, new ones behind them, apache-arrow reads them', async () => {
    const rows = 30_000;
    const lon = Float64Array.from({ length: rows }, (_, i) => 100 + i * 1e-4);
    const lat = Float64Array.from({ length: rows }, (_, i) => (i % 1000 === 7 ? 91 : 35 + i * 1e-5));
    const name = Array.from({ length: rows }, (_, i) => `站${i % 9}`);
    const height = Float64Array.from({ length: rows }, (_, i) => i);
    const table = tableFromArrays({ name, lon, lat, height });
    const writer = new RecordBatchStreamWriter();
    for (let from = 0; from < rows; from += 7000)
      for (const batch of table.slice(from, Math.min(rows, from + 7000)).batches) writer.write(batch);
    writer.finish();
    const bytes = await writer.toUint8Array();
    const answer = await post('encode?dggrs=beidou3d&level=8', bytes as BodyInit, ARROW);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, ARROW]);
    const coded = tableFromIPC(new Uint8Array(await answer.arrayBuffer()));
    expect(coded.schema.fields.map((field) => `${field.name} ${field.type}`)).toEqual([
      'name Dictionary<Int32, Utf8>',
      'lon Float64',
      'lat Float64',
      'height Float64',
      'code Utf8',
      'id Uint64',
      'layer Int32',
      'error Utf8',
    ]);
    expect([coded.numRows, coded.batches.length]).toEqual([rows, 5]);
    for (let i = 0; i < rows; i += 331) {
      const row = coded.get(i)!;
      expect([row.name, row.lon, row.lat, row.height]).toEqual([name[i], lon[i], lat[i], height[i]]);
      const zone = beidou3d.encode(lon[i]!, lat[i] === 91 ? 0 : lat[i]!, height[i]!, 8);
      if (lat[i] === 91) expect([row.code, row.id, row.layer]).toEqual([null, null, null]);
      else
        expect([row.code, row.id, row.layer, row.error]).toEqual([
          beidou3d.format(zone),
          zone.zone,
          zone.floorLayer,
          null,
        ]);
    }
    expect(coded.get(7)!.error).toMatch(/^position-invalid: /);
    const none = await post(
      'encode?dggrs=h3&level=9',
      tableToIPC(table.slice(0, 0), 'stream') as BodyInit,
      ARROW,
    );
    expect(tableFromIPC(new Uint8Array(await none.arrayBuffer())).schema.names).toContain('code');
  });

  it.each([
    ['dggrs=h4&level=9', '{}', NDJSON, 400, 'plan-invalid'],
    ['dggrs=h3&level=16', '{}', NDJSON, 400, 'plan-invalid'],
    ['dggrs=beidou2d&level=0', '{}', NDJSON, 400, 'plan-invalid'],
    ['dggrs=h3&level=9&datum=EPSG:2359', '{}', NDJSON, 400, 'plan-invalid'],
    ['dggrs=beidou3d&level=9&heightReference=sea-level', '{}', NDJSON, 400, 'plan-invalid'],
    ['dggrs=beidou3d&level=9&heightCoding=annexD', '{}', NDJSON, 400, 'plan-invalid'],
    ['dggrs=h3', '{}', NDJSON, 400, 'invalid-query'],
    ['dggrs=h3&level=9&what=1', '{}', NDJSON, 400, 'invalid-query'],
    ['dggrs=h3&level=9', '', NDJSON, 400, 'empty-body'],
    ['dggrs=h3&level=9', 'lon,lat', 'text/csv', 415, 'media-type-unsupported'],
    ['dggrs=h3&level=9', '{"lon":1}', 'application/json', 422, 'file-invalid'],
    ['dggrs=h3&level=9', '[{]', 'application/json', 422, 'file-invalid'],
    ['dggrs=h3&level=9', `[${'1,'.repeat(2_200_000)}1]`, 'application/json', 413, 'too-large'],
    ['dggrs=h3&level=9', 'this is no Arrow stream at all', ARROW, 422, 'file-invalid'],
  ])('refuses %s %#', async (query, body, type, status, code) => {
    const answer = await post(`encode?${query}`, body, type);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, code });
  });

  it('takes whole numbers of Arrow for numbers', async () => {
    const table = tableFromArrays({
      lon: BigInt64Array.of(104n, 105n),
      lat: Int16Array.of(35, 36),
      height: Uint8Array.of(5, 6),
    });
    const answer = await post(
      'encode?dggrs=beidou3d&level=9',
      tableToIPC(table, 'stream') as BodyInit,
      ARROW,
    );
    const codes = tableFromIPC(new Uint8Array(await answer.arrayBuffer())).getChild('code')!;
    expect([...codes]).toEqual([
      beidou3d.format(beidou3d.encode(104, 35, 5, 9)),
      beidou3d.format(beidou3d.encode(105, 36, 6, 9)),
    ]);
  });

  it('refuses an Arrow stream without the columns, and says what it found', async () => {
    const bytes = tableToIPC(tableFromArrays({ x: Float64Array.of(1), lat: ['1'] }), 'stream') as BodyInit;
    const missing = await (await post('encode?dggrs=h3&level=9', bytes, ARROW)).json();
    expect(missing).toMatchObject({ status: 422, code: 'columns-unclear' });
    expect(missing.detail).toMatch(/"lon" is missing: found are "x", "lat"/);
    const wrong = await (await post('encode?dggrs=h3&level=9&lon=x', bytes, ARROW)).json();
    expect(wrong.detail).toMatch(/"lat" is Dictionary<Int32, Utf8>: Float64 is wanted/);
  });

  it('refuses what Accept does not allow, and a body with a Content-Encoding', async () => {
    const other = await post('encode?dggrs=h3&level=9', '{}', NDJSON, { accept: ARROW });
    expect(await other.json()).toMatchObject({ status: 406, code: 'not-acceptable' });
    const packed = await post('encode?dggrs=h3&level=9', '{}', NDJSON, { 'content-encoding': 'gzip' });
    expect(await packed.json()).toMatchObject({ status: 415, code: 'unsupported-encoding' });
  });

  it('refuses a line that is too long, whatever its length, and goes on behind it', async () => {
    const long = `{"lon":1,"lat":1,"x":"${'x'.repeat(3_000_000)}"}`;
    const bytes = Buffer.concat([
      Buffer.from(`{"lon":1,"lat":2}\n${long}\n`),
      Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
      Buffer.from('{"lon":3,"lat":4}\n'),
    ]);
    const lines = linesOf(await (await post('encode?dggrs=h3&level=5', bytes, NDJSON)).text());
    expect(lines.map((line) => (line.error as { code?: string })?.code ?? line.lon)).toEqual([
      1,
      'line-too-long',
      'json-invalid',
      3,
    ]);
  });

  it('answers a client that reads nothing before it has sent everything', async () => {
    const rows = 200_000;
    const block = Buffer.from(
      Array.from({ length: 1000 }, (_, i) => `{"lon":104.${i},"lat":35.5}\n`).join(''),
    );
    const text = await new Promise<string>((resolve, reject) => {
      const outgoing = request(
        `${server.url}/api/v1/coding/encode?dggrs=beidou2d&level=10`,
        { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': NDJSON } },
        async (answer) => {
          answer.pause();
          await sent;
          answer.resume();
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('end', () => {
            expect(answer.trailers).toEqual({ 'jingwei-rows': String(rows), 'jingwei-refused': '0' });
            resolve(Buffer.concat(chunks).toString());
          });
        },
      );
      outgoing.once('error', reject);
      const sent = (async () => {
        for (let i = 0; i < rows / 1000; i += 1)
          if (!outgoing.write(block)) await new Promise((drained) => outgoing.once('drain', drained));
        outgoing.end();
      })();
    });
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(rows);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      code: beidou2d.format(beidou2d.encode(104.999, 35.5, 10), 10),
    });
  });

  it('counts rows for the metrics, and ends a stream whose client has gone', async () => {
    const before = server.services.coding.metrics();
    await (await post('encode?dggrs=h3&level=9', '{"lon":1,"lat":2}\n{}\n', NDJSON)).text();
    const after = server.services.coding.metrics();
    expect(after.rowsCoded! - before.rowsCoded!).toBe(1);
    expect(after.rowsRefused! - before.rowsRefused!).toBe(1);
    const outgoing = request(`${server.url}/api/v1/coding/encode?dggrs=h3&level=9`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': NDJSON },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('{"lon":1,"lat":2}\n');
    await expect.poll(() => server.services.coding.metrics().streams).toBe(1);
    outgoing.destroy();
    await expect.poll(() => server.services.coding.metrics().streams).toBe(0);
  });
});

describe('POST /api/v1/coding/decode', () => {
  it('is the inverse of encode: anchor, centre, bounds, level, floor and top', async () => {
    const body =
      '{"code":"N048I00570007408CF30207557","name":"甲"}\n{"code":"N048I0057000740G"}\n{"kode":1}\n';
    const lines = linesOf(await (await post('decode?dggrs=beidou3d', body, NDJSON)).text());
    const zone = beidou3d.parse('N048I00570007408CF30207557');
    const [west, south, floor, east, north, top] = beidou3d.bounds(zone);
    expect(lines[0]).toMatchObject({
      name: '甲',
      level: 8,
      lon: west,
      lat: south,
      bounds: [west, south, expect.closeTo(floor, 6), east, north, expect.closeTo(top, 6)],
    });
    expect(lines[0]!.floorM).toBeCloseTo(floor!, 6);
    expect(lines[0]!.topM).toBeCloseTo(top!, 6);
    expect(lines.slice(1).map((line) => (line.error as { code: string }).code)).toEqual([
      'zone-invalid',
      'zone-invalid',
    ]);
    const again = await post('encode?dggrs=beidou3d&level=8', JSON.stringify(lines[0]), NDJSON);
    expect(linesOf(await again.text())[0]!.code).toBe('N048I00570007408CF30207557');
  });

  it('decodes Arrow and JSON arrays too', async () => {
    const code = h3.format(h3.encode(104.6, 35.5, 9), 9);
    const table = tableFromArrays({ code: [code, 'zzz', null] });
    const answer = await post('decode?dggrs=h3', tableToIPC(table, 'stream') as BodyInit, ARROW);
    const decoded = tableFromIPC(new Uint8Array(await answer.arrayBuffer()));
    const centre = h3.centre(h3.encode(104.6, 35.5, 9), 9);
    expect(decoded.get(0)!.toJSON()).toMatchObject({
      code,
      lon: centre[0],
      centreLat: centre[1],
      level: 9,
      error: null,
    });
    expect(decoded.get(1)!.toJSON()).toMatchObject({
      lon: null,
      level: null,
      error: expect.stringMatching(/^zone-invalid/),
    });
    const json = await post('decode?dggrs=h3&code=c', JSON.stringify([{ c: code }]), 'application/json');
    expect(await json.json()).toMatchObject([{ c: code, level: 9, centre }]);
  });
});
