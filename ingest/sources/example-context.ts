/** The small city in which the examples of all sources are decoded: a fixed clock, one dataset of each kind. */
import {
  type DatasetDeclaration,
  type Declaration,
  type DecodeContext,
  datasetSchema,
  mappingSchema,
  OBSERVED_PROPERTIES,
  type ObservedProperty,
  type TableMapping,
  type ThingDeclaration,
  thingSchema,
} from '../model/index.ts';
import { EXAMPLE_MAPPINGS } from './table-examples.ts';

/** When every example arrives: 2026-11-22T08:00:10Z. */
export const EXAMPLE_RECEIVED_AT = Date.UTC(2026, 10, 22, 8, 0, 10);
/** Who brings what no topic names. */
export const EXAMPLE_GATEWAY = 'gateway-1';

const dataset = (id: string, rest: object = {}): DatasetDeclaration =>
  datasetSchema.parse({
    id,
    titleEn: id,
    titleZh: id,
    publisherEn: 'Example office',
    publisherZh: '示例单位',
    licence: 'CC0-1.0',
    periodMs: 60_000,
    demo: true,
    ...rest,
  });

const archive = { mode: 'archive', from: '2010-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
const DATASETS = [
  dataset('example-live'),
  dataset('example-archive', { timeRange: archive, timezone: 'America/New_York' }),
];

const thing = (id: string, category: string, rest: object): ThingDeclaration =>
  thingSchema.parse({ id, dataset: 'example-live', nameEn: id, nameZh: id, category, ...rest });

const pose = { headingDeg: 0, tiltDeg: 30, mountHeightM: 6, hfovDeg: 60, widthPx: 1280, heightPx: 720 };
const THINGS = [
  thing('air-1', 'air-station', {
    position: { lonDeg: 104.61, latDeg: 35.58 },
    datastreams: [
      { property: 'pm25', periodMs: 60_000 },
      { property: 'co', unit: 'ug/m3', periodMs: 60_000 },
    ],
  }),
  thing('bus-1', 'bus', { datastreams: [{ property: 'speed', periodMs: 10_000 }] }),
  thing('cam-1', 'camera', { position: { lonDeg: 104.61, latDeg: 35.58 }, pose }),
  thing('cam-2', 'camera', {
    dataset: 'example-archive',
    position: { lonDeg: 104.62, latDeg: 35.58 },
    pose: { ...pose, widthPx: 800, heightPx: 600 },
    gateway: EXAMPLE_GATEWAY,
    alias: 'front_door',
  }),
  thing('cam-3', 'camera', {
    dataset: 'example-archive',
    position: { lonDeg: 104.62, latDeg: 35.59 },
    pose: { ...pose, widthPx: 800, heightPx: 600 },
    gateway: EXAMPLE_GATEWAY,
    alias: 'crossing.mp4',
    properties: { 'ottrk-anchor': 'corner' },
  }),
  thing('feed-1:7', 'bus', {
    dataset: 'example-archive',
    gateway: EXAMPLE_GATEWAY,
    datastreams: [
      { property: 'presence', periodMs: 30_000 },
      { property: 'speed', unit: 'm/s', periodMs: 30_000 },
      { property: 'bearing', periodMs: 30_000 },
    ],
  }),
];

const byId = <T extends { readonly id: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
  new Map(list.map((entry) => [entry.id, entry]));

/** A context over plain lists, as tests and examples need it. */
export function contextOf(
  datasets: readonly DatasetDeclaration[],
  things: readonly ThingDeclaration[],
  mappings: readonly TableMapping[] = [],
): DecodeContext {
  const properties = new Map<string, ObservedProperty>(Object.entries(OBSERVED_PROPERTIES));
  const byDataset = byId(datasets);
  const byThing = byId(things);
  const byMapping = byId(mappings);
  return {
    dataset: (id) => byDataset.get(id),
    thing: (id) => byThing.get(id),
    thingByAlias: (gateway, alias) =>
      things.find((entry) => entry.gateway === gateway && entry.alias === alias),
    mapping: (id) => byMapping.get(id),
    property: (id, datasetId) =>
      byDataset.get(datasetId)?.properties.find((entry) => entry.id === id) ?? properties.get(id),
  };
}

/** The context that a list of declarations makes, as tests of declaration files need it. */
export function contextOfDeclarations(declarations: readonly Declaration[]): DecodeContext {
  const datasets: DatasetDeclaration[] = [];
  const things: ThingDeclaration[] = [];
  const mappings: TableMapping[] = [];
  for (const { kind, body } of declarations) {
    if (kind === 'dataset') datasets.push(body);
    else if (kind === 'thing') things.push(body);
    else if (kind === 'mapping') mappings.push(body);
  }
  return contextOf(datasets, things, mappings);
}

/** Where the examples of all sources are decoded. */
export const EXAMPLE_CONTEXT: DecodeContext = contextOf(
  DATASETS,
  THINGS,
  EXAMPLE_MAPPINGS.map((mapping) => mappingSchema.parse(mapping)),
);
