import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import readXlsxFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import {
  beidou2d,
  beidou3d,
  convertDatum,
  fromCgcs2000Batch,
  gaussKrugerZone,
  h3,
} from '../../grid/index.ts';
import { codeFile, formatOf } from './code-file.ts';
import type { DecodeTask, EncodeTask, FileSummary } from './file-task.ts';
import { decodePlan, encodePlan, type PlanText } from './plan.ts';

fc.configureGlobal({ seed: 39_409 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-coding-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Options = Partial<Omit<EncodeTask, 'plan' | 'direction' | 'format'>>;

function encodeTask(
  name: string,
  codes: readonly string[],
  options: Options = {},
  plan: Partial<PlanText> = {},
): EncodeTask {
  return { direction: 'encode', format: formatOf(name), plan: encodePlan({ codes, ...plan }), ...options };
}

async function run(name: string, content: string | Buffer, task: EncodeTask | DecodeTask) {
  const input = join(folder, name);
  const output = join(folder, `out-${name}`);
  writeFileSync(input, content);
  const summary = await codeFile(input, output, task);
  return { summary, bytes: readFileSync(output) };
}

const csv = async (
  content: string | Buffer,
  codes: readonly string[],
  options: Options = {},
  plan: Partial<PlanText> = {},
) => run('t.csv', content, encodeTask('t.csv', codes, options, plan));

const beidou = (lon: number, lat: number, level: number) =>
  beidou2d.format(beidou2d.encode(lon, lat, level), level);
const cell = (lon: number, lat: number, level: number) => h3.format(h3.encode(lon, lat, level), level);

describe('codeFile of CSV', () => {
  it('codeFile adds columns and keeps every other byte: quotes, spaces, line ends, order', async () => {
    const content =
      '\ufeff名称,"经度",纬度,备注\r\n"定西, 甲 ""一""",104.6263,35.5806, x \r\n\r\n乙,"104.50",35.50,"两\r\n行"\n丙,1e2,+35.,';
    const { summary, bytes } = await csv(content, ['beidou2d:10', 'h3:9']);
    expect(bytes.toString()).toBe(
      '\ufeff名称,"经度",纬度,备注,beidou2d_10,h3_9,code_error\r\n' +
        `"定西, 甲 ""一""",104.6263,35.5806, x ,${beidou(104.6263, 35.5806, 10)},${cell(104.6263, 35.5806, 9)},\r\n` +
        '\r\n' +
        `乙,"104.50",35.50,"两\r\n行",${beidou(104.5, 35.5, 10)},${cell(104.5, 35.5, 9)},\n` +
        `丙,1e2,+35.,,${beidou(100, 35, 10)},${cell(100, 35, 9)},`,
    );
    expect(summary).toMatchObject({
      rows: 3,
      refused: 0,
      columns: { lon: '经度', lat: '纬度' },
      added: ['beidou2d_10', 'h3_9', 'code_error'],
      encoding: 'utf-8',
      delimiter: ',',
    });
  });

  it('codeFile leaves dirty rows in their place, with an empty code and the reason', async () => {
    const content = [
      'id,lon,lat,note',
      '1,104.6,35.5,good',
      '2,,35.5,no longitude',
      '3,abc,35.5,no number',
      '4,35.5,104.6,swapped',
      '5,104.6',
      '6,104.6,35.5,too,many',
      '7,104.6,89.5,pole',
      '8,"104°37′34.68″","N35°34\'50.16""",degrees',
      '9,１０４．６,35.5,full width',
      '',
    ].join('\n');
    const { summary, bytes } = await csv(content, ['beidou2d:8']);
    const rows = parse(bytes, { relax_column_count: true }) as string[][];
    expect(rows.map((row) => row[0])).toEqual(['id', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const column = (i: number) => rows.slice(1).map((row) => row.at(i));
    const dms = beidou(104 + 37 / 60 + 34.68 / 3600, 35 + 34 / 60 + 50.16 / 3600, 8);
    const good = beidou(104.6, 35.5, 8);
    expect(column(-2)).toEqual([good, '', '', '', '', '', '', dms, good]);
    expect(column(-1).map((reason) => reason!.split(':')[0])).toEqual([
      '',
      'value-missing',
      'value-invalid',
      'position-invalid',
      'value-missing',
      'malformed',
      'polar-unsupported',
      '',
      '',
    ]);
    expect(rows[5]).toHaveLength(6);
    expect(summary).toMatchObject({ rows: 9, refused: 6, refusals: { 'value-missing': 2, malformed: 1 } });
    expect(summary.firstRefused[0]).toEqual({
      row: 2,
      code: 'value-missing',
      message: 'Longitude or easting is empty',
    });
  });

  it.each(['gb18030', 'utf-16le', 'utf-16be', 'utf-8'] as const)(
    'codeFile finds out %s, and gives it back in the same',
    async (encoding) => {
      const text = `名称\t经度\t纬度\n${'定西市安定区𠮷\t104.6\t35.5\n'.repeat(30_000)}丙\t坏\t1\n`;
      const wide = encoding.startsWith('utf-16');
      const bytes = iconv.encode(text, encoding, { addBOM: wide });
      const { summary, bytes: out } = await csv(bytes, ['h3:5:网格']);
      expect(summary).toMatchObject({ encoding, delimiter: '\t', rows: 30_001, refused: 1 });
      const lines = iconv.decode(out, encoding).split('\n');
      expect(lines[0]).toBe('名称\t经度\t纬度\t网格\tcode_error');
      expect(new Set(lines.slice(1, 30_001))).toEqual(
        new Set([`定西市安定区𠮷\t104.6\t35.5\t${cell(104.6, 35.5, 5)}\t`]),
      );
      expect(lines[30_001]).toMatch(/^丙\t坏\t1\t\t"value-invalid: .*""坏""/);
    },
  );

  it('codeFile takes the second byte of a GB18030 character for no delimiter', async () => {
    // 0x7C is "|" and the second byte of many characters.
    const text = '名|经度|纬度\n丂亅|104.6|35.5\n㐀𠮷|104.6|35.5\n';
    const odd = Buffer.concat([
      iconv.encode(text, 'gb18030'),
      Buffer.from([0x81, 0x7c, 0x7c]),
      Buffer.from('104.6|35.5\n'),
    ]);
    const { summary, bytes } = await csv(odd, ['h3:5']);
    expect(summary).toMatchObject({ encoding: 'gb18030', delimiter: '|', rows: 3, refused: 0 });
    expect(bytes.subarray(-24).toString('latin1')).toContain(cell(104.6, 35.5, 5));
  });

  it('codeFile gives back what any CSV reader reads, whatever the cells hold', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ';', ' ', '定', '\t'),
      maxLength: 12,
    });
    const quote = (value: string, always: boolean) =>
      always || /[",;\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, fc.double({ min: -180, max: 180, noNaN: true }), text, fc.boolean()), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.constantFrom('\n', '\r\n'),
        async (rows, lineEnd) => {
          const content = [
            'a,lon,lat,b',
            ...rows.map(([a, lon, b, all]) =>
              `${quote(a, all)}x,${lon},1,${quote(b, all)}`.replace('"x,', '",'),
            ),
          ].join(lineEnd);
          const before = parse(content) as string[][];
          const { bytes } = await csv(content, ['h3:3']);
          const after = parse(bytes) as string[][];
          expect(after.map((row) => row.slice(0, 4))).toEqual(before);
          expect(after.slice(1).map((row) => row[4])).toEqual(
            before.slice(1).map((row) => cell(Number(row[1]), 1, 3)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('codeFile sets apart a row whose quote never closes, and goes on behind it', async () => {
    const { summary, bytes } = await csv('id,lon,lat\n"1,104,35\n2,104,35\n3,104,35\n', ['h3:3']);
    const lines = bytes.toString().trimEnd().split('\n');
    expect(lines[1]).toMatch(/^"1,104,35,.*malformed: Row opens a quote/);
    expect(lines.slice(2)).toEqual([`2,104,35,${cell(104, 35, 3)},`, `3,104,35,${cell(104, 35, 3)},`]);
    expect(summary).toMatchObject({ rows: 3, refused: 1 });
  });

  it('codeFile loses no row to a quote that another row would close', async () => {
    const content = 'id,lon,lat\n"lost,104,35\n"good, name",105,36\n"12" pipe,106,37\n"a\nb" ,107,38\n';
    const { summary, bytes } = await csv(content, ['h3:3']);
    expect(summary).toMatchObject({ rows: 4, refused: 1, refusals: { malformed: 1 } });
    const text = bytes.toString();
    expect(text).toMatch(/^"lost,104,35,.*malformed: Row opens a quote/m);
    expect(text).toContain(`"good, name",105,36,${cell(105, 36, 3)},\n`);
    expect(text).toContain(`"12" pipe,106,37,${cell(106, 37, 3)},\n`);
    expect(text).toContain(`"a\nb" ,107,38,${cell(107, 38, 3)},\n`);
  });

  it.each(['\n', '\r\n', '\r'])(
    'codeFile passes a row that is too long as it is, its reason behind it, ended by %j',
    async (end) => {
      const long = `104,35,${'x,'.repeat(1_500_000)}y`;
      for (const tail of [`${end}105,36,z${end}`, '']) {
        const { summary, bytes } = await csv(`lon,lat,t${end}${long}${tail}`, ['h3:3']);
        const rest = tail === '' ? '' : `${end}105,36,z,${cell(105, 36, 3)},${end}`;
        const text = bytes.toString();
        expect(text.startsWith(`lon,lat,t,h3_3,code_error${end}${long},,malformed: Row is longer`)).toBe(
          true,
        );
        expect(text.endsWith(` bytes${rest}`)).toBe(true);
        expect(summary).toMatchObject({ rows: tail === '' ? 1 : 2, refused: 1, refusals: { malformed: 1 } });
      }
    },
  );

  it.each(['utf-16le', 'utf-16be'] as const)(
    'codeFile finds out %s without a mark, but not from a lost zero byte',
    async (encoding) => {
      const content = '名称,经度,纬度\r\n一,104.5,35.5\r\n';
      const { summary, bytes } = await csv(iconv.encode(content, encoding, { addBOM: false }), ['h3:3']);
      expect(summary).toMatchObject({ encoding, rows: 1, refused: 0 });
      expect(iconv.decode(bytes, encoding, { stripBOM: false })).toContain(
        `一,104.5,35.5,${cell(104.5, 35.5, 3)},\r\n`,
      );
      const lost = await csv('name,lon,lat\na\0\0b,104.5,35.5\n', ['h3:3']);
      expect(lost.summary).toMatchObject({ encoding: 'utf-8', rows: 1, refused: 0 });
    },
  );

  it('codeFile guesses no number out of two', async () => {
    const { summary } = await csv('lon;lat\n104 30;35\n1 5;2\n5;1\u00a0900\n 104.5 ; 35° 30′ \n', ['h3:3']);
    expect(summary).toMatchObject({ rows: 4, refused: 3, refusals: { 'value-invalid': 3 } });
  });

  it('codeFile of GeoJSON gives a name that the document has a number, and never writes a member twice', async () => {
    const point = '"geometry":{"type":"Point","coordinates":[104,35]}';
    const content = `{"type":"FeatureCollection","features":[{"type":"Feature",${point},"properties":{"网格":"own","code_error":"old","h3_3_cover":1}}]}`;
    const task = encodeTask('t.geojson', ['h3:3:网格'], { cover: { dggrs: 'h3', level: 3, name: '' } });
    const { summary, bytes } = await run('t.geojson', content, task);
    expect(summary.added).toEqual(['网格_2', 'code_error_2', 'h3_3_cover_2']);
    expect(JSON.parse(bytes.toString()).features[0].properties).toEqual({
      网格: 'own',
      code_error: 'old',
      h3_3_cover: 1,
      网格_2: cell(104, 35, 3),
      h3_3_cover_2: [cell(104, 35, 3)],
    });
    const decode: DecodeTask = {
      direction: 'decode',
      format: 'geojson',
      plan: decodePlan({ dggrs: 'h3' }),
      code: '网格_2',
    };
    const back = await run('b.geojson', bytes.toString().replace('"own"', '"own","level":"mine"'), decode);
    expect(back.summary.added).toContain('level_2');
    expect(JSON.parse(back.bytes.toString()).features[0].properties).toMatchObject({
      level: 'mine',
      level_2: 3,
    });
    // The second coding finds the numbers of the first; a reason that was not written is free.
    expect((await run('t.geojson', bytes, task)).summary.added).toEqual([
      '网格_3',
      'code_error_2',
      'h3_3_cover_3',
    ]);
  });

  it('codeFile refuses a sheet that has no room for codes', async () => {
    const row = new Array<null | { value: number | string }>(16_383).fill(null);
    const sheet = [
      [{ value: 'lon' }, { value: 'lat' }],
      [{ value: 1 }, { value: 2 }, ...row.slice(3), { value: 'lost' }],
    ];
    const book = await writeXlsxFile(sheet).toBuffer();
    await expect(run('w.xlsx', book, encodeTask('w.xlsx', ['h3:3']))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('16383 columns'),
    });
  });

  it('codeFile refuses a document with another behind it', async () => {
    const one = '{"type":"FeatureCollection","features":[]}';
    const task = encodeTask('t.geojson', ['h3:3']);
    await expect(run('t.geojson', `${one}\n${one}`, task)).rejects.toMatchObject({ code: 'file-invalid' });
    expect((await run('t.geojson', `${one}\n `, task)).bytes.toString()).toBe(`${one}\n `);
  });

  it('codeFile converts the declared datum, adds ids when asked, and keeps a name that is taken', async () => {
    const gcj02 = convertDatum({ datum: 'cgcs2000', lonDeg: 104.6263, latDeg: 35.5806 }, 'gcj02');
    const { summary, bytes } = await csv(
      `lng;lat;海拔;beidou3d_8\n${gcj02.lonDeg};${gcj02.latDeg};1932;old\n`,
      ['beidou3d:8', 'h3:9'],
      { ids: true },
      { datum: 'gcj02', heightReference: 'sea-level:-32' },
    );
    const zone = beidou3d.encode(104.6263, 35.5806, 1900, 8);
    const index = h3.encode(104.6263, 35.5806, 9);
    expect(summary.added).toEqual(['beidou3d_8_2', 'beidou3d_8_id', 'h3_9', 'h3_9_id', 'code_error']);
    expect(bytes.toString().split('\n')[1]).toBe(
      `${gcj02.lonDeg};${gcj02.latDeg};1932;old;${beidou3d.format(zone)};${zone.zone};${h3.format(index, 9)};${index};`,
    );
  });

  it.each([
    '海拔',
    '高程(m)',
    '正常高',
    'Altitude',
    'elev_m',
    'Height_MSL',
    '1985国家高程',
    'heightAboveSeaLevel',
    '离地高度',
  ])(
    'codeFile refuses heights named "%s" until their reference is declared, and says which was used',
    async (name) => {
      const content = `lon,lat,${name}\n104.6263,35.5806,1932\n`;
      const named = { height: name };
      await expect(csv(content, ['beidou3d:8'], named)).rejects.toMatchObject({
        code: 'height-undeclared',
        message: expect.stringContaining('ellipsoidal, sea-level:<undulation m> or ground:'),
      });
      for (const [heightReference, heightM] of [
        ['sea-level:-32', 1900],
        ['ellipsoidal', 1932],
        ['ground:68', 2000],
      ] as const) {
        const { summary, bytes } = await csv(content, ['beidou3d:8'], named, { heightReference });
        expect(summary.heightReference).toBe(heightReference);
        expect(bytes.toString()).toContain(beidou3d.format(beidou3d.encode(104.6263, 35.5806, heightM, 8)));
      }
      // A flat code has no height to be wrong.
      expect((await csv(content, ['h3:9'])).summary).not.toHaveProperty('heightReference');
    },
  );

  it.each(['大地高', 'height', 'H', 'z', '高度', '高程（大地高）', 'ellipsoidal elevation', 'salt'])(
    'codeFile takes heights named "%s" for ellipsoidal where nothing is declared',
    async (name) => {
      const { summary, bytes } = await csv(`lon,lat,${name}\n104.6263,35.5806,1900\n`, ['beidou3d:8'], {
        height: name,
      });
      expect(summary.heightReference).toBe('ellipsoidal');
      expect(bytes.toString()).toContain(beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 8)));
    },
  );

  it('codeFile refuses undeclared heights that it found itself, in workbooks and in features too', async () => {
    const undeclared = { code: 'height-undeclared' };
    await expect(csv('lon,lat,海拔\n104,35,1\n', ['beidou3d:8'])).rejects.toMatchObject(undeclared);
    const book = await writeXlsxFile(
      [
        ['lon', 'lat', '高程'],
        [104, 35, 1],
      ].map((row) => row.map((value) => ({ value }))),
    ).toBuffer();
    await expect(run('t.xlsx', book, encodeTask('t.xlsx', ['beidou3d:8']))).rejects.toMatchObject(undeclared);
    const feature =
      '{"type":"Feature","properties":{"altitude":5},"geometry":{"type":"Point","coordinates":[104,35,7]}}';
    const features = (options: Options) =>
      run('t.json', feature, encodeTask('t.json', ['beidou3d:8'], options));
    await expect(features({ height: 'altitude' })).rejects.toMatchObject(undeclared);
    // The third coordinate is ellipsoidal by RFC 7946, 3.1.1.
    expect((await features({})).summary.heightReference).toBe('ellipsoidal');
  });

  it('codeFile codes Gauss-Krueger coordinates, and takes x and y for clear only when they are named', async () => {
    const system = gaussKrugerZone(3, 35, true);
    const [east, north] = [new Float64Array(1), new Float64Array(1)];
    fromCgcs2000Batch(system, Float64Array.of(104.6263), Float64Array.of(35.5806), east, north);
    const content = `X,Y\n${north[0]},${east[0]}\n`;
    await expect(csv(content, ['h3:9'], {}, { datum: 'gk3-35' })).rejects.toMatchObject({
      code: 'columns-unclear',
    });
    const { bytes } = await csv(content, ['h3:9'], { lon: 'Y', lat: 'X' }, { datum: 'EPSG:4523' });
    expect(bytes.toString()).toContain(cell(104.6263, 35.5806, 9));
  });

  it.each([
    ['id,name\n1,2\n', /longitude or easting is not there: found are "id", "name"/],
    ['lon,lng,lat\n1,1,2\n', /could be "lon" or "lng"/],
    ['\n1,2\n', /first line is empty/],
    ['', /file is empty/],
  ])('codeFile refuses a table whose columns are unclear: %j', async (content, message) => {
    await expect(csv(content, ['h3:9'])).rejects.toThrow(message);
  });

  it('codeFile decodes a column of codes', async () => {
    const task: DecodeTask = { direction: 'decode', format: 'csv', plan: decodePlan({ dggrs: 'beidou3d' }) };
    const { summary, bytes } = await run(
      'd.csv',
      '名,网格码\n甲,N048I00570007408CF30207557\n乙,N048\n丙,\n',
      task,
    );
    const [header, first, second, third] = parse(bytes) as string[][];
    const [west, south, floor, east, north, top] = beidou3d.bounds(
      beidou3d.parse('N048I00570007408CF30207557'),
    );
    expect(header!.slice(2)).toEqual([
      'lon',
      'lat',
      'level',
      'centre_lon',
      'centre_lat',
      'west',
      'south',
      'east',
      'north',
      'floor_m',
      'top_m',
      'code_error',
    ]);
    expect(first!.slice(2, 13).map(Number)).toEqual(
      [west, south, 8, (west + east) / 2, (south + north) / 2, west, south, east, north, floor, top].map(
        (value) => expect.closeTo(value!, 9),
      ),
    );
    expect([second!.at(-1), third!.at(-1)]).toEqual([
      expect.stringMatching(/^zone-invalid/),
      'value-missing: Code is empty',
    ]);
    expect(summary).toMatchObject({ rows: 3, refused: 2, columns: { code: '网格码' } });
  });
});

describe('codeFile of GeoJSON', () => {
  const geojson = (
    content: string,
    codes: readonly string[],
    options: Options = {},
    plan: Partial<PlanText> = {},
  ) => run('t.geojson', content, encodeTask('t.geojson', codes, options, plan));

  it('codeFile adds properties to each feature and keeps the text of everything else', async () => {
    const content = `{ "type": "FeatureCollection", "crs": {"features": [1]}, "features": [
  {"type":"Feature","geometry":{"type":"Point","coordinates":[104.6263,35.58060,1900.0]},"properties":{"n":1.50,"s":"}\\"{"}},
  { "type":"Feature", "properties": null, "geometry":{"type":"LineString","coordinates":[[104,35],[104.2,35]]} },
  {"type":"Feature","properties":{},"geometry":null},
  {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[104,35],[104.1,35],[104.1,35.1],[104,35]]]}}
], "tail": [ {"x":1} ] }
`;
    const { summary, bytes } = await geojson(content, ['h3:9'], {
      cover: { dggrs: 'h3', level: 6, name: '' },
    });
    const text = bytes.toString();
    expect(text).toContain(
      '"coordinates":[104.6263,35.58060,1900.0]},"properties":{"n":1.50,"s":"}\\"{","h3_9":',
    );
    expect(text.startsWith('{ "type": "FeatureCollection", "crs": {"features": [1]}, "features": [\n')).toBe(
      true,
    );
    expect(text.endsWith('\n], "tail": [ {"x":1} ] }\n')).toBe(true);
    const { features } = JSON.parse(text) as { features: { properties: Record<string, unknown> }[] };
    expect(features.map((feature) => feature.properties.h3_9)).toEqual([
      cell(104.6263, 35.5806, 9),
      cell(104.1, 35, 9),
      null,
      expect.stringMatching(/^89/),
    ]);
    expect(features[2]!.properties).toEqual({
      h3_9: null,
      code_error: 'value-missing: The feature has no geometry',
    });
    expect(features[3]!.properties.h3_6_cover).toEqual(expect.arrayContaining([cell(104.09, 35.01, 6)]));
    expect(summary).toMatchObject({ rows: 4, refused: 1, added: ['h3_9', 'code_error', 'h3_6_cover'] });
    const high = await geojson(content, ['beidou3d:8']);
    const coded = (
      JSON.parse(high.bytes.toString()) as { features: { properties: Record<string, unknown> }[] }
    ).features;
    expect(coded[0]!.properties.beidou3d_8).toBe(
      beidou3d.format(beidou3d.encode(104.6263, 35.5806, 1900, 8)),
    );
    expect(coded[1]!.properties.code_error).toMatch(/^value-missing: Height/);
  });

  it('codeFile cuts the document anywhere and loses nothing', async () => {
    const features = Array.from({ length: 9000 }, (_, i) => ({
      type: 'Feature',
      properties: { i, text: `\\"[{定西${'é'.repeat(i % 50)}` },
      geometry: { type: 'Point', coordinates: [100 + i * 1e-3, 35] },
    }));
    const { bytes, summary } = await geojson(JSON.stringify({ type: 'FeatureCollection', features }), [
      'beidou2d:7',
    ]);
    const coded = JSON.parse(bytes.toString()) as { features: typeof features };
    expect(summary.rows).toBe(9000);
    expect(coded.features).toEqual(
      features.map((feature, i) => ({
        ...feature,
        properties: { ...feature.properties, beidou2d_7: beidou(100 + i * 1e-3, 35, 7) },
      })),
    );
  });

  it('codeFile takes a single feature, another datum, and refuses what is no GeoJSON', async () => {
    const gcj02 = convertDatum({ datum: 'cgcs2000', lonDeg: 104.6263, latDeg: 35.5806 }, 'gcj02');
    const feature = {
      type: 'Feature',
      properties: {},
      geometry: { type: 'Point', coordinates: [gcj02.lonDeg, gcj02.latDeg] },
    };
    const { bytes } = await geojson(`${JSON.stringify(feature)}\n`, ['beidou2d:7'], {}, { datum: 'gcj02' });
    expect(JSON.parse(bytes.toString()).properties).toEqual({ beidou2d_7: beidou(104.6263, 35.5806, 7) });
    for (const content of ['[]', '', 'x,y', '{"type":"FeatureCollection","features":[{"type":"Feature"'])
      await expect(geojson(content, ['h3:9'])).rejects.toMatchObject({ code: 'file-invalid' });
  });
});

describe('codeFile of XLSX', () => {
  const cells = (...row: (string | number | boolean | Date | null)[]) =>
    row.map((value) =>
      value === null
        ? null
        : {
            value,
            type: (value as object).constructor as StringConstructor,
            ...(value instanceof Date ? { format: 'yyyy-mm-dd' } : {}),
          },
    );
  const day = new Date(Date.UTC(2026, 10, 22));

  async function xlsx(
    task: EncodeTask | DecodeTask,
  ): Promise<{ summary: FileSummary; sheets: { sheet: string; data: unknown[][] }[] }> {
    const data = [
      cells('某区设施表', null, null, null, null, null),
      cells('编号', '经度', '纬度', '日期', '启用', '数'),
      cells('00123', 104.6263, 35.5806, day, true, 1.5),
      cells(null, null, null, null, null, null),
      cells('=1+1', '104°30′', '35.5', day, false, -2),
      cells('坏', '无', 35.5, day, false, null),
    ];
    const path = join(folder, 'w.xlsx');
    await writeXlsxFile([
      { sheet: '说明', data: [cells('只有说明')] },
      { sheet: '设施', data },
    ]).toFile(path);
    const { summary, bytes } = await run('t.xlsx', readFileSync(path), task);
    return { summary, sheets: (await readXlsxFile(bytes)) as never };
  }

  it('codeFile finds the table below its title, keeps the types of cells, and adds text columns', async () => {
    const { summary, sheets } = await xlsx(encodeTask('t.xlsx', ['beidou2d:10', 'h3:9'], { ids: true }));
    expect(summary).toMatchObject({
      sheet: '设施',
      rows: 3,
      refused: 1,
      columns: { lon: '经度', lat: '纬度' },
    });
    expect(sheets.map((one) => one.sheet)).toEqual(['说明', '设施']);
    expect(sheets[0]!.data).toEqual([['只有说明']]);
    const rows = sheets[1]!.data;
    expect(rows[0]!.slice(0, 2)).toEqual(['某区设施表', null]);
    expect(rows[1]).toEqual([
      '编号',
      '经度',
      '纬度',
      '日期',
      '启用',
      '数',
      'beidou2d_10',
      'beidou2d_10_id',
      'h3_9',
      'h3_9_id',
      'code_error',
    ]);
    const id = beidou2d.encode(104.6263, 35.5806, 10);
    const index = h3.encode(104.6263, 35.5806, 9);
    expect(rows[2]).toEqual([
      '00123',
      104.6263,
      35.5806,
      day,
      true,
      1.5,
      beidou2d.format(id, 10),
      String(id),
      h3.format(index, 9),
      String(index),
      null,
    ]);
    expect(rows[4]!.slice(0, 7)).toEqual([
      '=1+1',
      '104°30′',
      '35.5',
      day,
      false,
      -2,
      beidou(104.5, 35.5, 10),
    ]);
    expect(rows[5]!.slice(6)).toEqual([
      null,
      null,
      null,
      null,
      expect.stringMatching(/^value-invalid: .*"无"/),
    ]);
  });

  it('codeFile refuses a sheet that is not there, a table without columns, and what is no workbook', async () => {
    await expect(xlsx(encodeTask('t.xlsx', ['h3:9'], { sheet: '无' }))).rejects.toThrow(
      /found are "说明", "设施"/,
    );
    await expect(xlsx(encodeTask('t.xlsx', ['h3:9'], { lon: '东经' }))).rejects.toThrow(
      /"东经" is not there: found are "编号"/,
    );
    const bomb = await writeXlsxFile([cells('lon', 'lat'), cells(1, 2)]).toBuffer();
    // The size of its first entry when unpacked, as the directory tells it.
    bomb.writeUInt32LE(2 ** 30, bomb.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02])) + 24);
    await expect(run('b.xlsx', bomb, encodeTask('b.xlsx', ['h3:9']))).rejects.toMatchObject({
      code: 'too-large',
    });
    await expect(run('n.xlsx', 'lon,lat\n1,2\n', encodeTask('n.xlsx', ['h3:9']))).rejects.toMatchObject({
      code: 'file-invalid',
    });
  });
});

describe('formatOf', () => {
  it('formatOf knows files by their ending, and says what it takes', () => {
    expect(['a.CSV', 'b.txt', 'c.GeoJSON', 'd.json', 'e.xlsx'].map(formatOf)).toEqual([
      'csv',
      'csv',
      'geojson',
      'geojson',
      'xlsx',
    ]);
    expect(() => formatOf('a.xls')).toThrow(/save it as .xlsx/);
    expect(() => formatOf('readme')).toThrow(/must end in/);
  });
});
