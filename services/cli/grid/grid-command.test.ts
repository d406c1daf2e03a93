import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { beidou2d, beidou3d, h3 } from '../../../grid/index.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function jingwei(args: readonly string[], input: string | readonly Buffer[] = '') {
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'grid', ...args], { cwd: ROOT });
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes) => (err += bytes));
    for (const part of typeof input === 'string' ? [Buffer.from(input)] : input) child.stdin.write(part);
    child.stdin.end();
    child.once('close', (code) => resolve({ code, out: Buffer.concat(out).toString('utf8'), err }));
  });
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('jingwei grid encode', () => {
  it('adds code and id to each line’s own bytes, in order, and answers refused lines in place', async () => {
    const input = [
      '{"name":"定西 \\u00e9", "lon": 104.6263,"lat":35.5806, "big": 12345678901234567890 }\r',
      '',
      '{ "lon":1,"lat":89,"big":12345678901234567890,"n":2 }',
      'not json',
      '[104.6263,35.5806]',
      '{"lat":1,"n":3}',
      '{"lon":"1","lat":1}',
      '{"lon":181,"lat":1}',
      '{"id":"mine","code":"old","lon":104.6263,"lat":35.5806}',
      '"text"',
      '[1]',
      '{"lon":104.6263,"lat":35.5806}',
      '{"id":7,"lon":104.6263,"lat":35.5806}',
      '{"id":8,"zoneId":"x","lon":104.6263,"lat":35.5806}',
    ].join('\n');
    const { code, out, err } = await jingwei(
      ['encode', '--dggrs', 'beidou2d', '--level', '10'],
      `\ufeff${input}`,
    );
    expect(code).toBe(0);
    const answer = out.trimEnd().split('\n');
    const id = String(0x6085_e1d2_3342_dc07n);
    const added = `"code":"N48I570748C320556007","id":"${id}"`;
    expect(answer[0]).toBe(
      `{"name":"定西 \\u00e9", "lon": 104.6263,"lat":35.5806, "big": 12345678901234567890 ,${added}}`,
    );
    const parsed = lines(out);
    expect(parsed[1]).toMatchObject({ error: { code: 'polar-unsupported', message: expect.any(String) } });
    expect(answer[1]).toContain('},"lon":1,"lat":89,"big":12345678901234567890,"n":2 }');
    expect(parsed[2]).toEqual({
      error: { code: 'json-invalid', message: expect.stringContaining('line 4') },
      line: 4,
      input: 'not json',
    });
    expect(answer[3]).toBe(`{"lon":104.6263,"lat":35.5806,${added}}`);
    expect(parsed[4]).toEqual({
      error: { code: 'position-invalid', message: expect.stringContaining('lon') },
      lat: 1,
      n: 3,
    });
    expect(parsed[5]).toMatchObject({ error: { code: 'position-invalid' }, lon: '1' });
    expect(parsed[6]).toMatchObject({ error: { code: 'position-invalid' }, lon: 181 });
    expect(parsed[7]).toEqual({
      id,
      code: 'N48I570748C320556007',
      lon: 104.6263,
      lat: 35.5806,
    });
    expect(parsed[8]).toMatchObject({ error: { code: 'json-invalid' }, line: 10, input: '"text"' });
    expect(parsed[9]).toMatchObject({ error: { code: 'json-invalid' }, line: 11 });
    expect(answer[10]).toBe(`{"lon":104.6263,"lat":35.5806,${added}}`);
    // An id of the line's own stays.
    expect(answer[11]).toBe(
      `{"id":7,"lon":104.6263,"lat":35.5806,"code":"N48I570748C320556007","zoneId":"${id}"}`,
    );
    expect(parsed[12]).toEqual({
      id: 8,
      zoneId: id,
      lon: 104.6263,
      lat: 35.5806,
      code: 'N48I570748C320556007',
    });
    expect(answer.length).toBe(13);
    expect(err).toBe('6 lines coded, 7 refused\n');
  });

  it('is the same as the library for many lines cut anywhere, in all three grids, and decode is its inverse', async () => {
    const positions = Array.from({ length: 3_000 }, (_, n) => ({
      n,
      lon: Math.sin(n) * 180,
      lat: Math.cos(n * 1.7) * 87.9,
      height: n % 2 === 0 ? n * 1.37 - 400 : (n - 1500) * 1000.5,
    }));
    const text = Buffer.from(positions.map((each) => JSON.stringify(each)).join('\n'));
    // Pieces of odd sizes, so that lines and numbers are cut.
    const parts: Buffer[] = [];
    for (let at = 0, size = 1; at < text.length; at += size, size = (size * 7 + 11) % 9_973)
      parts.push(text.subarray(at, at + size));
    const runs = ['beidou2d 10', 'beidou3d 10', 'h3 9'].map(async (run) => {
      const [dggrs, level] = run.split(' ') as [string, string];
      const { out, code } = await jingwei(['encode', '--dggrs', dggrs, '--level', level], parts);
      expect(code).toBe(0);
      const answers = lines(out);
      expect(answers.length).toBe(positions.length);
      answers.forEach((answer, n) => {
        const { lon, lat, height } = positions[n]!;
        if (dggrs === 'beidou3d') {
          const solid = beidou3d.encode(lon, lat, height, 10);
          expect(answer).toEqual({
            ...positions[n],
            code: beidou3d.format(solid),
            id: String(solid.zone),
            layer: solid.floorLayer,
          });
        } else {
          const grid = dggrs === 'h3' ? h3 : beidou2d;
          const zone = grid.encode(lon, lat, Number(level));
          expect(answer).toEqual({
            ...positions[n],
            code: grid.format(zone, Number(level)),
            id: String(zone),
          });
        }
      });
      return out;
    });
    const [flat, solid] = await Promise.all(runs);
    const decoded = await jingwei(['decode', '--dggrs', 'beidou3d'], solid!);
    lines(decoded.out).forEach((answer, n) => {
      const zone = beidou3d.parse(answer.code as string);
      const [lon, lat, height] = beidou3d.anchor(zone);
      const bounds = beidou3d.bounds(zone);
      expect(answer).toMatchObject({
        n,
        lon,
        lat,
        height,
        level: 10,
        centre: beidou3d.centre(zone),
        bounds,
        floorM: bounds[2],
        topM: bounds[5],
      });
    });
    // Anchors off the axes encode to the code they came from.
    const again = lines((await jingwei(['encode', '--dggrs', 'beidou3d', '--level', '10'], decoded.out)).out);
    expect(
      again.filter(({ lon, lat }) => lon !== 0 && lat !== 0).map(({ n, code, layer }) => [n, code, layer]),
    ).toEqual(
      lines(solid!)
        .filter(({ n }) => again[n as number]!.lon !== 0 && again[n as number]!.lat !== 0)
        .map(({ n, code, layer }) => [n, code, layer]),
    );
    const places = lines(
      (await jingwei(['decode', '--dggrs', 'beidou2d'], flat!.slice(0, 20_000).replace(/[^\n]*$/, ''))).out,
    );
    for (const place of places)
      expect(beidou2d.encode(...(place.centre as [number, number]), 10)).toBe(BigInt(place.id as string));
  }, 60_000);

  it('height codings, missing heights and a line too long', async () => {
    const input = `{"lon":104.6263,"lat":35.5806,"height":1900}\n{"lon":1,"lat":1}\n{"a":"${'x'.repeat(2 << 20)}"}\n{"lon":1,"lat":1,"height":-7e6}\n{"lon":1,"lat":1,"height":0}`;
    const { code, out } = await jingwei(
      ['encode', '--dggrs', 'beidou3d', '--level', '10', '--height-coding', 'clause6'],
      input,
    );
    expect(code).toBe(0);
    const [first, second, third, fourth, last] = lines(out);
    expect(first).toMatchObject({ code: 'N048I00570007418C030207557600072', layer: 126_914 });
    expect(second).toMatchObject({ error: { code: 'height-invalid' }, lon: 1 });
    expect(third).toMatchObject({ error: { code: 'line-too-long' }, line: 3 });
    expect(fourth).toMatchObject({ error: { code: 'height-invalid' }, height: -7e6 });
    expect(last).toMatchObject({ layer: 0 });
  });

  it('one position or code on the command line, and wrong calls', async () => {
    const west = await jingwei(['encode', '--level', '7', '-73.98', '-40.75']);
    expect([west.code, west.out]).toEqual([0, expect.stringMatching(/^87[0-9a-f]+\n$/)]);
    const solid = await jingwei([
      'encode',
      '--dggrs',
      'beidou3d',
      '--level',
      '10',
      '104.6263',
      '35.5806',
      '1900',
    ]);
    expect(solid.out).toBe('N048I00570007408CF30207557600072\n');
    const told = await jingwei(['decode', '--dggrs', 'beidou2d', 'N48I570748C320556007']);
    expect(lines(told.out)[0]).toMatchObject({
      zone: 'N48I570748C320556007',
      lon: 104.62629991319444,
      lat: 35.5805999077691,
      level: 10,
    });
    expect((await jingwei(['encode', '--level', '7', '1', '91'])).code).toBe(1);
    expect((await jingwei(['encode', '--level', '7', '104.6', ''])).code).toBe(1);
    const wrong = [['encode'], ['encode', '--level', '7.5'], ['encode', '--dggrs', 's2', '--level', '3']];
    const codes = await Promise.all(wrong.map(async (args) => (await jingwei(args)).code));
    expect(codes).toEqual([2, 2, 2]);
  }, 60_000);
});

describe('jingwei grid decode', () => {
  it('keeps other members, takes texts and zones, refuses what is no code in place', async () => {
    const input =
      '{"n":1,"code":"N48I570"}\n"N48I"\n{"zone":"S00023"}\n{"code":"n48i","n":2}\n{"code":5}\nx\n';
    const { code, out, err } = await jingwei(['decode', '--dggrs', 'beidou2d'], input);
    const [first, second, third, fourth, fifth, sixth] = lines(out);
    expect(code).toBe(0);
    expect(first).toEqual({
      n: 1,
      code: 'N48I570',
      lon: 104.5,
      lat: 35.5,
      centre: [104.625, 35.583333333333336],
      bounds: [104.5, 35.5, 104.75, 35.666666666666664],
      level: 3,
    });
    expect(second).toMatchObject({ code: 'N48I', level: 1 });
    expect(third).toMatchObject({ zone: 'S00023', level: 2 });
    expect(fourth).toEqual({
      error: { code: 'zone-invalid', message: expect.any(String) },
      code: 'n48i',
      n: 2,
    });
    expect(fifth).toMatchObject({ error: { code: 'json-invalid' }, code: 5 });
    expect(sixth).toMatchObject({ error: { code: 'json-invalid' }, line: 6, input: 'x' });
    expect(err).toBe('3 lines decoded, 3 refused\n');
  });
});

describe('jingwei grid cover', () => {
  const square = {
    type: 'Polygon',
    coordinates: [
      [
        [104, 35],
        [104.2, 35],
        [104.2, 35.2],
        [104, 35.2],
        [104, 35],
      ],
    ],
  };
  const feature = { type: 'Feature', id: 'a', properties: {}, geometry: square };

  it('reads a document over many lines, NDJSON and a text sequence alike, a line a feature', async () => {
    const collection = {
      type: 'FeatureCollection',
      features: [feature, { ...feature, id: 7, geometry: { type: 'Point', coordinates: [104, 35] } }],
    };
    const forms = [
      JSON.stringify(collection, null, 2),
      collection.features.map((each) => JSON.stringify(each)).join('\n'),
      collection.features.map((each) => `\u001e${JSON.stringify(each, null, 1)}\n`).join(''),
    ];
    const expected = [square, { type: 'Point', coordinates: [104, 35] }].map((geometry) =>
      beidou2d.cover(geometry as never, 3, 1000).map((zone) => beidou2d.format(zone, 3)),
    );
    for (const form of forms) {
      const { out, code } = await jingwei(['cover', '--dggrs', 'beidou2d', '--level', '3'], form);
      expect(code).toBe(0);
      expect(lines(out)).toEqual([
        { id: 'a', dggrs: 'beidou2d', level: 3, mode: 'intersects', zones: expected[0] },
        { id: 7, dggrs: 'beidou2d', level: 3, mode: 'intersects', zones: expected[1] },
      ]);
    }
  }, 60_000);

  it('every geometry of RFC 7946, and a refusal in place for coordinates that are none', async () => {
    const point = { type: 'Point', coordinates: [104, 35] };
    const line = { type: 'LineString', coordinates: [point.coordinates, [104.001, 35]] };
    const good = [
      point,
      { type: 'MultiPoint', coordinates: [point.coordinates, [1, 2]] },
      line,
      { type: 'MultiLineString', coordinates: [line.coordinates] },
      { type: 'MultiPolygon', coordinates: [square.coordinates] },
      { type: 'GeometryCollection', geometries: [point, line] },
    ];
    const bad = [
      { type: 'LineString', coordinates: [null, 3] },
      {
        type: 'LineString',
        coordinates: [
          [1, 1],
          [1.05, null],
        ],
      },
      { type: 'Point', coordinates: ['104', '35'] },
      { type: 'Polygon', coordinates: [5] },
      { type: 'MultiPolygon' },
      { type: 'GeometryCollection', geometries: [null] },
    ];
    const input = [...bad, ...good].map((each) => JSON.stringify(each)).join('\n');
    const { out, code } = await jingwei(['cover', '--dggrs', 'beidou2d', '--level', '4'], input);
    expect(code).toBe(0);
    const answers = lines(out);
    bad.forEach((_, n) => {
      expect(answers[n]).toMatchObject({ error: { code: 'geometry-invalid' }, line: n + 1 });
    });
    expect(answers.slice(bad.length)).toEqual(
      good.map((geometry) => ({
        dggrs: 'beidou2d',
        level: 4,
        mode: 'intersects',
        zones: beidou2d.cover(geometry as never, 4, 1000).map((zone) => beidou2d.format(zone, 4)),
      })),
    );
  }, 60_000);

  it('modes, compaction, the bound on zones, and refusals in place', async () => {
    const input = `${JSON.stringify(square)}\n{"type":"Point"}\nx\n{"type":"Feature","geometry":null}\n`;
    const within = await jingwei(
      ['cover', '--dggrs', 'beidou2d', '--level', '4', '--mode', 'within', '--max', '200'],
      input,
    );
    const [one, two, three, four] = lines(within.out);
    expect(one).toMatchObject({ mode: 'within' });
    expect((one as { zones?: string[] }).zones).toHaveLength(144);
    for (const [each, line] of [
      [two, 2],
      [three, 3],
      [four, 4],
    ] as const)
      expect(each).toMatchObject({ error: expect.anything(), line });
    const compact = await jingwei(
      ['cover', '--dggrs', 'beidou2d', '--level', '4', '--compact'],
      JSON.stringify(square),
    );
    const { zones, levels } = beidou2d.coverCompact(square as never, 4, 10_000);
    expect(lines(compact.out)[0]).toEqual({
      dggrs: 'beidou2d',
      level: 4,
      mode: 'intersects',
      compact: true,
      zones: Array.from(zones, (zone, n) => beidou2d.format(zone, levels[n]!)),
    });
    const few = await jingwei(
      ['cover', '--dggrs', 'beidou2d', '--level', '4', '--max', '10'],
      JSON.stringify(feature),
    );
    expect(lines(few.out)[0]).toMatchObject({ error: { code: 'too-many-zones' }, id: 'a', line: 1 });
  }, 60_000);
});
