/** Questions over HTTP: parameters become the typed question, by address and by body; what is not clear is refused by name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Queries } from '../../analytics/index.ts';
import { startTestServer, type TestServer } from '../http/test-server.ts';
import { SHAPES } from './questions.ts';

const POLYGON = {
  type: 'Polygon',
  coordinates: [
    [
      [104.5, 35.5],
      [104.7, 35.5],
      [104.6, 35.7],
      [104.5, 35.5],
    ],
  ],
};

let server: TestServer;
let headers: Record<string, string>;
/** What was asked last, by shape. */
const asked = new Map<string, unknown>();

beforeAll(async () => {
  const names = ['zones', 'things', 'series', 'events', 'features', 'latest', 'nearest', 'top', 'cube'];
  const queries = Object.fromEntries(
    [...names, 'compare', 'inside', 'count'].map((name) => [
      name,
      async (_access: unknown, query: unknown) => {
        asked.set(name, query);
        return {};
      },
    ]),
  ) as unknown as Partial<Queries>;
  server = await startTestServer({ queries });
  headers = { authorization: `Bearer ${await server.tokenOf('analyst')}` };
});
afterAll(() => server.close());

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${server.url}/api/v1/${path}`, { headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function post(shape: string, body: unknown) {
  const answer = await fetch(`${server.url}/api/v1/query/${shape}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('areas as parameters', () => {
  it.each<[string, unknown]>([
    ['bbox=170,-20,-170,-10', { bbox: [170, -20, -170, -10] }],
    [`polygon=${encodeURIComponent(JSON.stringify(POLYGON))}`, { polygon: POLYGON }],
    [
      'zones=h3:8740d348bffffff,h3:8740d349dffffff',
      {
        zones: [
          { dggrs: 'h3', id: '8740d348bffffff' },
          { dggrs: 'h3', id: '8740d349dffffff' },
        ],
      },
    ],
    ['division=621102', { division: '621102' }],
    ['near=104.62,35.58&within=800.5', { circle: { lonLat: [104.62, 35.58], radiusM: 800.5 } }],
  ])('%s', async (parameters, area) => {
    for (const shape of ['events', 'features', 'things', 'inside', 'count', 'latest']) {
      expect((await get(`${shape}?${parameters}`)).status).toBe(200);
      expect(asked.get(shape)).toMatchObject({ area });
    }
  });

  it.each([
    ['bbox=1,2,3,4&division=621102', /one area at most/],
    ['near=104,35', /"near" needs "within"/],
    ['within=5', /"within" needs "near"/],
    ['near=104,95&within=5', /near/],
    ['near=104,35&within=-5', /within/],
    ['polygon=%7B%22type%22%3A%22Point%22%7D', /polygon/],
    ['zones=elsewhere', /zones/],
    ['area=1', /area: is not known here/],
  ])('refused: %s', async (parameters, why) => {
    const { status, body } = await get(`events?${parameters}`);
    expect([status, body.code]).toEqual([400, 'invalid-query']);
    expect(body.detail).toMatch(why);
  });
});

describe('questions', () => {
  it('each becomes what the index is asked', async () => {
    await get('nearest?kind=features&near=104.6,35.5&k=3&max=2000&type=school,hospital');
    expect(asked.get('nearest')).toEqual({
      kind: 'features',
      lonLat: [104.6, 35.5],
      k: 3,
      maxM: 2000,
      types: ['school', 'hospital'],
    });
    await get('cube?dggrs=h3&level=7&property=pm25&bucket=day&from=0&to=86400000&aggregation=stddev');
    expect(asked.get('cube')).toEqual({
      dggrs: 'h3',
      level: 7,
      property: 'pm25',
      aggregation: 'stddev',
      span: { from: 0, to: 86_400_000 },
      bucket: 'day',
    });
    await get('series?property=pm25&bucket=PT15M&from=0&to=5&division=621102');
    expect(asked.get('series')).toEqual({
      property: 'pm25',
      span: { from: 0, to: 5 },
      bucketMs: 900_000,
      area: { division: '621102' },
    });
    await get('zones?dggrs=h3&level=7&property=pm25&aggregation=quantiles&quantiles=0.5,0.95&bbox=1,2,3,4');
    expect(asked.get('zones')).toEqual({
      dggrs: 'h3',
      level: 7,
      property: 'pm25',
      aggregation: 'quantiles',
      quantiles: [0.5, 0.95],
      bbox: [1, 2, 3, 4],
    });
    await get('compare?dggrs=h3&level=7&property=pm25&from=10&to=20&otherFrom=0&otherTo=10');
    expect(asked.get('compare')).toMatchObject({ span: { from: 10, to: 20 }, other: { from: 0, to: 10 } });
    await get('top?of=categories&kind=events&k=4&order=least');
    expect(asked.get('top')).toEqual({ of: 'categories', kind: 'events', k: 4, order: 'least' });
    await get('count?kind=events,things');
    expect(asked.get('count')).toEqual({ kinds: ['events', 'things'] });
    await get('zones/h3/8740d348bffffff?from=5&to=9');
  });

  it.each([
    'zones?dggrs=h3&level=7&property=pm25&quantiles=0.5',
    'zones?dggrs=h3&level=7&property=pm25&aggregation=quantiles&quantiles=2',
    'zones?dggrs=h3&level=7&property=pm25&bbox=1,2,3,4&division=1',
    'series?property=pm25&bucket=fortnight',
    'nearest?kind=lamps&near=1,2',
    'nearest?kind=events',
    'top?of=zones&k=1001',
    'count?kind=lamps',
    'compare?dggrs=h3&level=7&property=pm25&from=10&to=20',
    'inside',
    'latest?by=city',
  ])('refused: %s', async (path) => {
    const { status, body } = await get(path);
    expect([status, body.code]).toEqual([400, 'invalid-query']);
  });
});

describe('POST /api/v1/query/:shape', () => {
  it('asks every shape as its address does, with a polygon as GeoJSON', async () => {
    for (const { name } of SHAPES) asked.delete(name);
    const parameters: Record<string, Record<string, unknown>> = {
      zones: { dggrs: 'h3', level: 7, property: 'pm25' },
      cube: { dggrs: 'h3', level: 7, property: 'pm25' },
      compare: { dggrs: 'h3', level: 7, property: 'pm25', from: 10, to: 20, otherFrom: 0, otherTo: 10 },
      series: { property: 'pm25' },
      top: { of: 'zones', kind: 'events', dggrs: 'h3', level: 7 },
    };
    for (const { name } of SHAPES) {
      if (name === 'nearest') continue;
      expect([name, (await post(name, { ...parameters[name], polygon: POLYGON })).status]).toEqual([
        name,
        200,
      ]);
      expect(asked.get(name)).toMatchObject({ area: { polygon: POLYGON } });
    }
    await post('nearest', { kind: 'events', near: [104.6, 35.5], category: ['a', 'b'] });
    expect(asked.get('nearest')).toMatchObject({ lonLat: [104.6, 35.5], categories: ['a', 'b'] });
  });

  it('takes an outline that no address has room for', async () => {
    const ring = Array.from({ length: 5000 }, (_, i) => [
      104 + Math.cos((i / 4999) * 2 * Math.PI),
      35 + Math.sin((i / 4999) * 2 * Math.PI),
    ]);
    const polygon = { type: 'Polygon', coordinates: [ring] };
    expect((await post('events', { polygon })).status).toBe(200);
    expect(asked.get('events')).toMatchObject({ area: { polygon } });
  });

  it('refuses what is no shape, and names what is wrong', async () => {
    expect(await post('elsewhere', {})).toMatchObject({ status: 404, body: { code: 'unknown-shape' } });
    const wrong = await post('count', { kind: 'events', colour: 'red' });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid-query' } });
    expect(wrong.body.detail).toMatch(/colour/);
    expect(await post('count', ['events'])).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
  });
});
