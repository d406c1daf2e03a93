import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declarationSchema, OBSERVED_PROPERTIES } from '../../ingest/model/index.ts';
import { backfill } from './backfill.ts';
import { CITY_BOUNDS } from './city/counties.ts';
import { FLEET_SIZE, messagesAt, planCity } from './plan.ts';
import { cityState } from './state.ts';

const SEED = 621100;
const NOON = Date.UTC(2026, 10, 22, 4);
const plan = planCity(SEED);
const instants = fc.integer({ min: NOON, max: NOON + 366 * 86_400_000 });

describe('planCity', () => {
  it('has at least 600 devices, 24 cameras and a credential for everybody who speaks', () => {
    expect(plan.sensors.length).toBe(FLEET_SIZE);
    expect(plan.sensors.length).toBeGreaterThanOrEqual(600);
    const kinds: Record<string, number> = {};
    for (const { kind } of plan.sensors) kinds[kind] = (kinds[kind] ?? 0) + 1;
    expect(kinds).toEqual({
      'air-station': 30,
      'water-station': 40,
      'rain-gauge': 40,
      'street-light': 400,
      'traffic-counter': 80,
      bus: 60,
    });
    expect(plan.cameras.filter(({ protocol }) => protocol === 'frigate').length).toBe(12);
    expect(plan.cameras.filter(({ protocol }) => protocol === 'onvif').length).toBe(12);
    const devices = new Set(plan.devices.map(({ id }) => id));
    expect(devices.size).toBe(plan.devices.length);
    expect(plan.emitters.filter(({ principal }) => !devices.has(principal))).toEqual([]);
  });

  it('declarations pass declarationSchema, name known properties and datasets, and every dataset is a demonstration', () => {
    const parsed = plan.declarations.map((declaration) => declarationSchema.parse(declaration));
    const ids = parsed.map(({ kind, body }) => `${kind}/${body.id}`);
    expect(new Set(ids).size).toBe(ids.length);
    const datasets = new Set(parsed.flatMap(({ kind, body }) => (kind === 'dataset' ? [body.id] : [])));
    expect([...datasets].toSorted()).toEqual([
      'demo-air',
      'demo-bus',
      'demo-cameras',
      'demo-enterprises',
      'demo-hospitals',
      'demo-hotline',
      'demo-lights',
      'demo-rain',
      'demo-schools',
      'demo-traffic',
      'demo-water',
    ]);
    for (const declaration of parsed) {
      if (declaration.kind === 'dataset') expect(declaration.body.demo).toBe(true);
      if (declaration.kind !== 'thing') continue;
      expect(datasets).toContain(declaration.body.dataset);
      for (const { property, min, max } of declaration.body.datastreams) {
        const known = OBSERVED_PROPERTIES[property as keyof typeof OBSERVED_PROPERTIES];
        expect(known, property).toBeDefined();
        expect(min).toBeGreaterThanOrEqual(known.min);
        expect(max).toBeLessThanOrEqual(known.max);
      }
    }
  });

  it('is the same city for the same seed and another one for another', () => {
    const facts = (seed: number) => JSON.stringify(planCity(seed).declarations);
    expect(facts(SEED)).toBe(facts(SEED));
    expect(facts(SEED)).not.toBe(facts(7));
  });

  it('scales with `devices` and keeps every kind', () => {
    const small = planCity(SEED, { devices: 60 });
    expect(new Set(small.sensors.map(({ kind }) => kind)).size).toBe(6);
    expect(small.sensors.length).toBeGreaterThan(50);
    expect(small.sensors.length).toBeLessThan(70);
    expect(planCity(SEED, { devices: 1300 }).sensors.length).toBe(1300);
  });

  it('spreads over the seven counties, most in Anding and Longxi, all inside the bounds', () => {
    const counts = new Map<string, number>();
    for (const { county } of plan.sensors) counts.set(county.id, (counts.get(county.id) ?? 0) + 1);
    expect(counts.size).toBe(7);
    const sorted = [...counts].toSorted((a, b) => b[1] - a[1]).map(([id]) => id);
    expect(sorted.slice(0, 2)).toEqual(['anding', 'longxi']);
    for (const { at } of [...plan.sensors, ...plan.cameras]) {
      if (at !== undefined) expect(inBounds(at)).toBe(true);
    }
  });
});

describe('cityState', () => {
  it('is a pure function: the same instant twice, and out of order, is the same', () => {
    const first = JSON.stringify(cityState(SEED, NOON));
    cityState(SEED, NOON + 5_000_000);
    expect(JSON.stringify(cityState(SEED, NOON))).toBe(first);
  });

  it('keeps every value inside its declared range at any instant, and every bus inside the city', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(1, SEED, 99), (instant, seed) => {
        const bad = cityState(seed, instant).readings.flatMap(({ sensor, sample }) => [
          ...sensor.datastreams.flatMap(({ property, min = -Infinity, max = Infinity }) => {
            const value = sample.results[property];
            const good = value !== undefined && value >= min && value <= max;
            return good ? [] : [`${sensor.id} ${property} ${value}`];
          }),
          ...(sensor.at === undefined && !(sample.location && inBounds(sample.location)) ? [sensor.id] : []),
        ]);
        expect(bad).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('is plausible: lamps by night only, rush hours, and a storm with rain, floods and cases in any 90 minutes', () => {
    const local = (text: string) => cityState(SEED, Date.parse(`${text}+08:00`)).totals;
    expect(local('2026-11-23T22:00:00').lampsLit).toBeGreaterThan(300);
    expect(local('2026-11-23T12:00:00').lampsLit).toBeLessThan(12);
    const rush = local('2026-11-23T08:15:00').vehiclesPerHour;
    expect(rush).toBeGreaterThan(local('2026-11-23T03:00:00').vehiclesPerHour * 4);
    expect(rush).toBeLessThan(80 * 2500);
    for (const start of [NOON, NOON + 33 * 3_600_000]) {
      const totals = Array.from({ length: 18 }, (_, i) => cityState(SEED, start + i * 300_000).totals);
      const most = (key: keyof (typeof totals)[0]) => Math.max(...totals.map((one) => one[key]));
      const least = (key: keyof (typeof totals)[0]) => Math.min(...totals.map((one) => one[key]));
      expect(most('gaugesRaining')).toBeGreaterThan(15);
      expect(most('stationsOverWarning')).toBeGreaterThan(4);
      expect(least('stationsOverWarning')).toBeLessThan(most('stationsOverWarning'));
      expect(most('casesOpen')).toBeGreaterThan(least('casesOpen') + 8);
      expect(least('pm25')).toBeLessThan(most('pm25') * 0.9);
    }
  });
});

describe('messagesAt', () => {
  it('gives about 50 messages a second by day at rate 1, and ten times that at rate 10', () => {
    const perSecond = messagesAt(plan, NOON, NOON + 60_000).length / 60;
    expect(perSecond).toBeGreaterThan(40);
    expect(perSecond).toBeLessThan(100);
    const fast = messagesAt(planCity(SEED, { rate: 10 }), NOON, NOON + 6_000).length / 6;
    expect(fast / perSecond).toBeGreaterThan(8);
    expect(fast / perSecond).toBeLessThan(12);
  });

  it('tiles: a span is its two halves, and every device speaks in its period', () => {
    const whole = messagesAt(plan, NOON, NOON + 60_000);
    const halves = [
      ...messagesAt(plan, NOON, NOON + 21_234),
      ...messagesAt(plan, NOON + 21_234, NOON + 60_000),
    ];
    const keys = (list: typeof whole) => list.map(({ topic, payload }) => topic + payload).toSorted();
    expect(keys(halves)).toEqual(keys(whole));
    const spoke = new Set(whole.map(({ principal }) => principal));
    expect(plan.sensors.filter(({ id }) => !spoke.has(id))).toEqual([]);
  });
});

describe('backfill', () => {
  it('gives each fixed sensor 36 readings at ten-minute steps, all before now', () => {
    const messages = [...backfill(plan, NOON)];
    expect(messages.length).toBe(590);
    for (const { payload } of messages.slice(0, 40)) {
      const entries: { time: string }[] = JSON.parse(payload);
      const times = entries.map(({ time }) => Date.parse(time));
      expect(times.length).toBe(36);
      expect(times.at(-1)).toBeLessThan(NOON);
      expect(times.every((time, i) => i === 0 || time - times[i - 1]! === 600_000)).toBe(true);
    }
  });
});

function inBounds([lon, lat]: readonly [number, number]): boolean {
  return lon > CITY_BOUNDS[0] && lon < CITY_BOUNDS[2] && lat > CITY_BOUNDS[1] && lat < CITY_BOUNDS[3];
}
