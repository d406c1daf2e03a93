/** Jingwei JSON messages of a made-up city, seeded: what the flow benches send through the doors. */
import type { Declaration } from '../../ingest/model/index.ts';
import { datasetSchema, thingSchema } from '../../ingest/model/index.ts';

/** What a device sends: how many readings a message has and whether it moves. */
export interface Fleet {
  readonly name: string;
  readonly things: number;
  readonly moving: boolean;
  readonly properties: readonly string[];
}

/** Vehicles with one reading a message, each at a place of its own: the worst case of all. */
export const TAXIS: Fleet = { name: 'moving, 1 reading', things: 3000, moving: true, properties: ['speed'] };
/** Vehicles with three. */
export const BUSES: Fleet = {
  name: 'moving, 3 readings',
  things: 3000,
  moving: true,
  properties: ['speed', 'bearing', 'passenger-load'],
};
/** Stations that stand still. */
export const STATIONS: Fleet = {
  name: 'fixed, 4 readings',
  things: 3000,
  moving: false,
  properties: ['pm25', 'pm10', 'no2', 'o3'],
};

const idOf = (fleet: Fleet, i: number) => `${fleet.moving ? 'vehicle' : 'station'}-${i}`;
const lonOf = (i: number) => 103.4 + ((i * 7919) % 230_003) / 1e5;
const latOf = (i: number) => 34.1 + ((i * 104_729) % 200_003) / 1e5;

/** The dataset of a fleet and its Things. */
export function declarationsOf(fleet: Fleet): Declaration[] {
  const dataset = datasetSchema.parse({
    id: 'bench',
    titleEn: 'Bench',
    titleZh: '基准',
    publisherEn: 'Bench',
    publisherZh: '基准',
    licence: 'CC0-1.0',
    periodMs: 60_000,
  });
  const things = Array.from({ length: fleet.things }, (_, i) =>
    thingSchema.parse({
      id: idOf(fleet, i),
      dataset: 'bench',
      nameEn: 'Thing',
      nameZh: '物',
      category: fleet.moving ? 'vehicle' : 'air-station',
      ...(fleet.moving ? {} : { position: { lonDeg: lonOf(i), latDeg: latOf(i) } }),
      datastreams: fleet.properties.map((property) => ({ property, periodMs: 60_000 })),
    }),
  );
  return [{ kind: 'dataset', body: dataset }, ...things.map((body) => ({ kind: 'thing', body }) as const)];
}

/** The `i`th message of a fleet, known at `timeMs`: topic, who sends it, and its text (140 to 210 bytes with its topic). */
export function messageOf(fleet: Fleet, i: number, timeMs: number) {
  const id = idOf(fleet, i % fleet.things);
  const location = fleet.moving
    ? { location: [lonOf(i), latOf(i), 1850 + (i % 4000) / 10] as [number, number, number] }
    : {};
  const results: Record<string, number> = {};
  fleet.properties.forEach((property, p) => {
    results[property] = ((i * (31 + 7 * p)) % 900) / 10;
  });
  const text = JSON.stringify({ time: new Date(timeMs).toISOString(), ...location, results });
  return { id, topic: `things/${id}/observations`, text };
}
