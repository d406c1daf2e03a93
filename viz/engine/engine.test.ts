import { describe, expect, it } from 'vitest';
import { GRIDS } from '../../grid/index.ts';
import { en } from '../i18n/en.ts';
import { firstLanguage } from '../i18n/index.ts';
import { zh } from '../i18n/zh.ts';
import { viewSector } from '../layers/camera-views.ts';
import { FILL } from '../layers/zone-mesh-layer.ts';
import { ZonePaint } from '../layers/zone-paint.ts';
import type { EventAnswer, ThingAnswer } from '../schema/api.ts';
import { decodeLiveFrame, encodeLiveFrame } from '../schema/live-frame.ts';
import type { MapPalette } from '../theme/tokens.ts';
import { freshness } from './age.ts';
import { startClock } from './clock.ts';
import { countyAt, readCounties } from './county.ts';
import { heldRows, MAX_EVENTS_PER_TYPE, mergeEvents } from './event-list.ts';
import { nearestMark } from './hit-test.ts';
import { levelAt, seenZoom } from './level.ts';
import { classColours, classOf } from './scale.ts';
import { readAddress, writeAddress } from './view-state.ts';
import { silentZones, zonePeriodMs } from './zone-period.ts';
import { ZoneTable } from './zone-table.ts';

const palette = {
  sequential: Array.from({ length: 7 }, (_, i) => [i * 40, i * 40, i * 40]),
  diverging: [],
  aqi: [
    [0, 228, 0],
    [255, 255, 0],
  ],
  zoneStale: [99, 99, 99],
  zoneHatch: [77, 77, 77],
} as unknown as MapPalette;

const event = (id: string, start: number, updated = start, title = id): EventAnswer => ({
  id,
  dataset: 'd',
  eventType: 'case',
  category: 'c',
  title,
  thing: null,
  status: 'open',
  start,
  end: null,
  updated,
  lonLat: null,
  positionMethod: 'reported',
  precisionM: null,
  attributes: {},
});

const thing = (id: string, lonLat: readonly [number, number], value: number | null, at = 0): ThingAnswer => ({
  id,
  dataset: 'd',
  category: 'air-station',
  name: { en: id, zh: id },
  lonLat,
  latest:
    value === null
      ? []
      : [{ property: 'pm25', value, unit: 'ug/m3', phenomenonTime: at, quality: 0, warn: false }],
  newestPhenomenonTime: value === null ? null : at,
  periodMs: 60_000,
  pose: null,
});

describe('scale', () => {
  it('classOf: a class owns its lower break, zero is the lowest class', () => {
    const breaks = [15, 35, 75];
    expect([0, 14.9, 15, 34, 35, 75, 900].map((v) => classOf(v, breaks))).toEqual([0, 0, 1, 1, 2, 3, 3]);
  });
  it('classColours: ends of the scale are its first and last stop, one colour a class', () => {
    const colours = classColours('sequential', 4, palette);
    expect(colours).toHaveLength(4);
    expect(colours[0]).toEqual([0, 0, 0]);
    expect(colours[3]).toEqual([240, 240, 240]);
    expect(classColours('aqi', 3, palette)[1]).toEqual([255, 255, 0]);
  });
});

describe('freshness', () => {
  it('greys after two periods, expires after twelve, and knows none from old', () => {
    expect(freshness(null, 0, 1000)).toBe('none');
    expect(freshness(0, 60_000, 60_000)).toBe('live');
    expect(freshness(0, 131_000, 60_000)).toBe('stale');
    expect(freshness(0, 60_000 * 12 + 11_000, 60_000)).toBe('expired');
  });
});

describe('events', () => {
  it('mergeEvents: newest first, later update wins, an older one does not', () => {
    const held = mergeEvents([], [event('a', 1), event('b', 2)]);
    expect(mergeEvents(held, [event('a', 1, 9, 'new')]).map((e) => e.title)).toEqual(['b', 'new']);
    expect(mergeEvents(held, [event('b', 2, 0, 'old')]).map((e) => e.title)).toEqual(['b', 'a']);
    expect(mergeEvents(held, [])).toBe(held);
  });
  it('mergeEvents: a flood of one type never pushes out another', () => {
    const flood = Array.from({ length: 900 }, (_, i) => ({
      ...event(`d${i}`, 1000 + i),
      eventType: 'detection',
    }));
    const kept = mergeEvents([event('case', 1)], flood);
    expect(kept.filter((e) => e.eventType === 'detection')).toHaveLength(MAX_EVENTS_PER_TYPE);
    expect(kept.at(-1)?.id).toBe('case');
  });
  it('heldRows: rows under the pointer stay in place while new ones are counted', () => {
    const all = mergeEvents([], [event('a', 1), event('b', 2), event('c', 3), event('d', 4)]);
    const { rows, waiting } = heldRows(['b', 'a'], all);
    expect(rows.map((r) => r.id)).toEqual(['b', 'a']);
    expect(waiting).toBe(2);
  });
});

describe('clock', () => {
  it('startClock follows the server: the least delayed frame counts, a corrected clock is taken', () => {
    let t = 1000;
    const clock = startClock(() => t, 0);
    clock.sync(50_000);
    expect(clock.now()).toBe(50_000);
    t += 1000;
    clock.sync(50_700); // 300 ms late on the way
    expect(clock.now()).toBe(51_000);
    clock.sync(47_000); // one frame that lay in a busy browser for 4 s
    expect(clock.now()).toBe(51_000);
    clock.sync(51_000);
    for (let i = 0; i < 6; i++) clock.sync(10_000); // the server's clock was put back
    expect(clock.now()).toBe(10_000);
    clock.stop();
  });
});

describe('county', () => {
  const square = (code: string, x: number, hole = false): object => ({
    type: 'Feature',
    properties: { code, nameEn: code, nameZh: code },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [x, 0],
          [x + 1, 0],
          [x + 1, 1],
          [x, 1],
          [x, 0],
        ],
        ...(hole
          ? [
              [
                [x + 0.4, 0.4],
                [x + 0.6, 0.4],
                [x + 0.6, 0.6],
                [x + 0.4, 0.6],
                [x + 0.4, 0.4],
              ],
            ]
          : []),
      ],
    },
  });
  const counties = readCounties({
    type: 'FeatureCollection',
    features: [square('a', 0, true), square('b', 1)],
  });
  it('countyAt: inside, outside, and in the hole of a polygon', () => {
    expect(countyAt(counties, 0.2, 0.5)?.code).toBe('a');
    expect(countyAt(counties, 1.5, 0.5)?.code).toBe('b');
    expect(countyAt(counties, 0.5, 0.5)).toBeNull();
    expect(countyAt(counties, 5, 5)).toBeNull();
  });
  it('readCounties: labels lie at the centre of area, broken input gives none', () => {
    expect(counties[1]?.label).toEqual([1.5, 0.5]);
    expect(readCounties(null)).toEqual([]);
    expect(readCounties({ features: [{ geometry: null }] })).toEqual([]);
  });
});

describe('view state', () => {
  const defaults = { lang: 'zh', dggrs: 'h3', zoneLayer: 'pm25' } as const;
  it('writeAddress and readAddress carry a view there and back, and leave foreign parameters alone', () => {
    const view = {
      ...readAddress('', defaults),
      dggrs: 'beidou2d',
      selected: { dggrs: 'beidou2d', id: 'N48I461' },
      toggled: new Set(['lights']),
      table: true,
      theme: 'light',
    } as const;
    const address = writeAddress(view, '?debug=1');
    expect(address).toContain('zone=beidou2d/N48I461');
    expect(address).toContain('debug=1');
    expect(readAddress(address, defaults)).toEqual(view);
  });
  it('readAddress refuses what is no zone', () => {
    for (const zone of ['h3', 'h3/', 's2/1234', 'h3/<script>', `h3/${'f'.repeat(40)}`])
      expect(readAddress(`?zone=${encodeURIComponent(zone)}`, defaults).selected, zone).toBeNull();
  });
  it('firstLanguage: address, then choice, then browser, then Chinese', () => {
    expect(firstLanguage('?lang=en', 'zh', ['zh-CN'])).toBe('en');
    expect(firstLanguage('', 'en', ['zh-CN'])).toBe('en');
    expect(firstLanguage('?lang=fr', null, ['de', 'en-GB'])).toBe('en');
    expect(firstLanguage('', null, ['de'])).toBe('zh');
  });
});

describe('levels and hits', () => {
  const levels = {
    h3: [
      [0, 5],
      [8, 6],
    ],
    beidou2d: [[4, 3]],
  } as { h3: [number, number][]; beidou2d: [number, number][] };
  it('levelAt follows the zoom; seenZoom takes the wall out of it', () => {
    expect([3, 7.9, 8, 14].map((z) => levelAt(levels, 'h3', z))).toEqual([5, 5, 6, 6]);
    expect(levelAt(levels, 'beidou2d', 0)).toBe(3);
    expect(seenZoom(9, 2)).toBe(8);
  });
  it('nearestMark: the nearest within the radius, none beyond it', () => {
    const marks = [
      { item: 'near', lonLat: [104.6, 35.5] as const },
      { item: 'far', lonLat: [104.7, 35.5] as const },
    ];
    expect(nearestMark(marks, [104.605, 35.5], 10, 12)).toBe('near');
    expect(nearestMark(marks, [104.65, 35.5], 10, 12)).toBeNull();
  });
  it('viewSector: its middle ray points along the heading and has the range', () => {
    const offsets = viewSector(35.5, { headingDeg: 90, hfovDeg: 60, rangeM: 150 });
    expect(offsets).toHaveLength(6);
    expect(offsets[0]).toEqual([0, 0]);
    const [east, north] = offsets[3] as [number, number];
    expect(north).toBeCloseTo(0, 12);
    expect(east * 111_320 * Math.cos((35.5 * Math.PI) / 180)).toBeCloseTo(150, 6);
    // Clockwise from the left edge: its first point lies north of the heading.
    expect((offsets[1] as [number, number])[1]).toBeGreaterThan(0);
  });
});

describe('zone looks', () => {
  const key = { dggrs: 'h3', level: 7, property: 'pm25' } as const;
  const now = 10_000_000;
  const places: [number, number][] = [
    [104.6, 35.5],
    [104.9, 35.5],
    [105.2, 35.5],
    [105.5, 35.5],
  ];
  const cells = places.map(([x, y]) => GRIDS.h3.encode(x, y, 7));
  it('zero, stale, expired and silent zones get four different fills', () => {
    const table = new ZoneTable();
    table.apply(
      decodeLiveFrame(
        encodeLiveFrame(
          {
            type: 'zones',
            seq: 1,
            position: 1,
            head: 1,
            serverTime: now,
            committedAt: now,
            full: true,
            zones: key,
          },
          {
            id: BigUint64Array.from(cells.slice(0, 3)),
            mean: Float32Array.of(0, 50, 50),
            count: Uint32Array.of(1, 1, 1),
            newest: Float64Array.of(now, now - 60_000 * 4, now - 60_000 * 40),
          },
        ),
      ),
    );
    const paint = new ZonePaint();
    paint.setSilent([cells[3]!, cells[0]!]);
    const scale = { breaks: [15, 35], scale: 'sequential', periodMs: 60_000 } as const;
    const data = paint.paint(table, scale, palette, now, false);
    expect(data?.length).toBe(4);
    const fill = (i: number): number[] => [...data!.attributes.getFill.value.subarray(i * 4, i * 4 + 4)];
    expect(fill(0)).toEqual([0, 0, 0, FILL.value]);
    expect(fill(1)).toEqual([99, 99, 99, FILL.stale]);
    expect(fill(2)).toEqual([77, 77, 77, FILL.hatch]);
    expect(fill(3)).toEqual([77, 77, 77, FILL.hatch]);
    const lost = paint.paint(table, scale, palette, now, true);
    expect(lost?.attributes.getFill.value[3]).toBe(FILL.stale);
    expect(lost?.attributes.getCentre.value).toBe(data?.attributes.getCentre.value);
    expect(lost?.attributes.getFill.value).not.toBe(data?.attributes.getFill.value);
  });
  it('silentZones and zonePeriodMs: instruments without a showable reading, the slowest period', () => {
    const things = [
      thing('a', places[0]!, 5, now),
      thing('b', places[1]!, null),
      thing('c', places[2]!, 5, now - 60_000 * 40),
    ];
    expect(silentZones(things, key, now)).toEqual([cells[1], cells[2]].sort((a, b) => (a! < b! ? -1 : 1)));
    expect(silentZones(things, { ...key, property: 'rainfall' }, now)).toEqual([]);
    expect(zonePeriodMs([{ ...thing('a', places[0]!, 5), periodMs: 300_000 }, ...things], 'pm25')).toBe(
      300_000,
    );
  });
});

describe('dictionaries', () => {
  it('zh translates every word of en: no text is left the same but names and symbols', () => {
    const walk = (a: unknown, b: unknown, path: string): string[] => {
      if (typeof a === 'string') return a === b ? [path] : [];
      if (typeof a === 'function') return typeof b === 'function' ? [] : [`${path}: not a function`];
      return Object.entries(a as object).flatMap(([k, v]) =>
        walk(v, (b as Record<string, unknown>)[k], `${path}.${k}`),
      );
    };
    expect(walk(en, zh, '')).toEqual([
      '.map.h3',
      '.codes.references.cgcs2000',
      '.codes.tabs.h3',
      '.keys.tab',
    ]);
    expect(Object.keys(zh.category)).toEqual(Object.keys(en.category));
  });
});
