import { describe, expect, it } from 'vitest';
import {
  type DatasetDeclaration,
  type DecodeContext,
  declarationSchema,
  type EventItem,
  OBSERVED_PROPERTIES,
  type ObservedProperty,
  type RawRecord,
  type RecordOutcome,
  type TableMapping,
  type ThingDeclaration,
} from '../../ingest/model/index.ts';
import { sourceForTopic } from '../../ingest/registry.ts';
import { table } from '../../ingest/sources/table.ts';
import { backfill } from './backfill.ts';
import { tracksBetween } from './cameras/tracks.ts';
import { distanceM, offset } from './city/geometry.ts';
import type { CityMessage } from './emitter.ts';
import { messagesAt, planCity } from './plan.ts';
import { featureFiles } from './records/features.ts';
import { hotlineDelivery } from './records/hotline.ts';

const SEED = 621100;
const NOON = Date.UTC(2026, 10, 22, 4);
const plan = planCity(SEED);
const context = contextOf();

/** What the declarations of the city say, as plain look-ups. */
function contextOf(): DecodeContext {
  const datasets = new Map<string, DatasetDeclaration>();
  const things = new Map<string, ThingDeclaration>();
  const mappings = new Map<string, TableMapping>();
  for (const input of plan.declarations) {
    const declaration = declarationSchema.parse(input);
    if (declaration.kind === 'dataset') datasets.set(declaration.body.id, declaration.body);
    if (declaration.kind === 'thing') things.set(declaration.body.id, declaration.body);
    if (declaration.kind === 'mapping') mappings.set(declaration.body.id, declaration.body);
  }
  const shipped: Record<string, ObservedProperty> = OBSERVED_PROPERTIES;
  return {
    dataset: (id) => datasets.get(id),
    thing: (id) => things.get(id),
    thingByAlias: (gateway, alias) =>
      [...things.values()].find((thing) => thing.gateway === gateway && thing.alias === alias),
    mapping: (id) => mappings.get(id),
    property: (id) => shipped[id],
  };
}

function decode(message: CityMessage, receivedAt: number): readonly RecordOutcome[] {
  const { principal, topic, payload } = message;
  const source = sourceForTopic(topic);
  if (source === undefined) throw new Error(`No source reads "${topic}"`);
  const raw: RawRecord = {
    sourceId: source.id,
    origin: { transport: 'mqtt', principal, clientId: principal, topic, qos: 1, packetId: 1, dup: false },
    receivedAt,
    bytes: new TextEncoder().encode(payload),
  };
  return source.decode(raw, context);
}

/** A delivered file as one chunk, through the mapping that takes its name. */
function deliver(mappingId: string, fileName: string, bytes: Uint8Array): readonly RecordOutcome[] {
  const origin = {
    transport: 'file',
    principal: 'inbox',
    delivery: 'd',
    fileName,
    chunk: 0,
    firstRow: 1,
  } as const;
  return table.decode({ sourceId: table.id, mappingId, origin, receivedAt: NOON, bytes }, context);
}

describe('what the city sends is what the server reads', () => {
  it('sourceForTopic: every live message of a minute decodes without a refusal', () => {
    const messages = messagesAt(plan, NOON, NOON + 60_000);
    const outcomes = messages.flatMap((message) => decode(message, message.time + 50));
    expect(outcomes.flatMap(({ rejections }) => rejections)).toEqual([]);
    const datasets = new Set(outcomes.map(({ dataset }) => dataset));
    expect([...datasets].toSorted()).toEqual([
      'demo-air',
      'demo-bus',
      'demo-cameras',
      'demo-lights',
      'demo-rain',
      'demo-traffic',
      'demo-water',
    ]);
    const readings = outcomes.flatMap(({ items }) => items).filter(({ kind }) => kind === 'observation');
    expect(readings.length).toBe(30 * 9 + 40 * 2 + 40 + 400 * 3 + 80 * 2 * 3 + 60 * 12 * 3);
  });

  it('the past of every fixed sensor decodes without a refusal, nothing in the future', () => {
    const outcomes = [...backfill(plan, NOON)].flatMap((message) => decode(message, NOON));
    expect(outcomes.flatMap(({ rejections }) => rejections)).toEqual([]);
    expect(outcomes.length).toBe(590 * 36);
  });

  it('a detection lands on the ground where its object was', () => {
    let checked = 0;
    for (const camera of plan.cameras) {
      const emitter = plan.emitters.find(({ id }) => id === camera.id)!;
      for (let instant = NOON; instant < NOON + 40_000; instant += 1000) {
        const tracks = tracksBetween(SEED, camera, instant, instant);
        // One object in view and no one just gone: then the message is about that one.
        if (tracks.length !== 1 || tracksBetween(SEED, camera, instant - 1100, instant).length !== 1)
          continue;
        const track = tracks[0]!;
        if (track.start > instant - 1000) continue;
        const items = emitter.messages(instant, 1000).flatMap((message) => decode(message, instant + 50));
        const event = items.flatMap(({ items: list }) => list)[0] as EventItem;
        const share = (instant - track.start) / (track.end - track.start);
        const ahead = track.from[0] + (track.to[0] - track.from[0]) * share;
        const right = track.from[1] + (track.to[1] - track.from[1]) * share;
        const heading = (camera.pose.headingDeg * Math.PI) / 180;
        const truth = offset(
          camera.at,
          ahead * Math.sin(heading) + right * Math.cos(heading),
          ahead * Math.cos(heading) - right * Math.sin(heading),
        );
        expect(event.positionMethod).toBe('camera-ground');
        const place = event.position!;
        // Boxes are whole pixels: at 40 m a pixel is more than half a metre of ground.
        expect(distanceM([place.lonDeg, place.latDeg], truth)).toBeLessThan(1.5);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(80);
  });

  it('registers decode by their mappings: every clean row is a feature, the dirty ones are refused, held or unlocated', () => {
    for (const file of featureFiles(SEED)) {
      const outcomes = deliver(`demo-${file.name.split('-')[0]}`, file.name, file.bytes);
      expect(outcomes.length, file.name).toBe(file.rows);
      const located = outcomes.filter(({ items: [item] }) => item?.kind === 'feature' && item.geometry);
      expect(located.length, file.name).toBe(file.rows - file.dirtyRows);
      const codes = outcomes.flatMap(({ rejections }) => rejections.map(({ code }) => code));
      expect(codes.length, file.name).toBeGreaterThan(0);
      for (const code of codes) expect(['position-invalid', 'rule-held', 'not-a-number']).toContain(code);
    }
  });

  it('hotline deliveries decode without a refusal, with local times read as Shanghai', () => {
    const text = hotlineDelivery(SEED, NOON - 3_600_000, NOON)!;
    const outcomes = deliver('demo-hotline', 'hotline-x.csv', new TextEncoder().encode(text));
    expect(outcomes.flatMap(({ rejections }) => rejections)).toEqual([]);
    const cases = outcomes.flatMap(({ items }) => items) as EventItem[];
    expect(cases.length).toBe(text.trim().split('\r\n').length - 1);
    for (const { updated = 0, start, status, end } of cases) {
      expect(updated).toBeGreaterThan(NOON - 3_600_000);
      expect(updated).toBeLessThanOrEqual(NOON);
      expect(start).toBeLessThanOrEqual(updated);
      expect(status === 'closed').toBe(end !== undefined);
    }
  });
});
