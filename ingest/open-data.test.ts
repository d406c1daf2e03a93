import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GRIDS } from '../grid/index.ts';
import { encodeOutcomes } from './encode.ts';
import { type DecodeContext, NO_ZONE, type Origin, QUALITY, type RawRecord } from './model/index.ts';
import { matchFile, readDeclarationFile } from './open-declarations.ts';
import { decodeMessage } from './pipeline-decode.ts';
import { DeliveryJudge } from './quality/delivery-rules.ts';
import { SOURCES, sourceForTopic } from './registry.ts';
import { replayMessages } from './replay.ts';
import { contextOfDeclarations } from './sources/example-context.ts';
import { coordinateText, readRows } from './sources/table-rows.ts';
import type { DecodedEntry, EncodedColumns } from './worker/decoded-entry.ts';

const DATA = fileURLToPath(new URL('../../shared/data/', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../scripts/independent-totals/totals.mjs', import.meta.url));
const RECEIVED_AT = Date.UTC(2026, 10, 22, 8);
const HOUR = 3_600_000;

interface TotalsRow {
  readonly dataset: string;
  readonly dggrs: 'h3' | 'beidou2d';
  readonly level: number;
  readonly id: string;
  readonly bucket: number;
  readonly category: string;
  readonly count: number;
  readonly sum: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** The script that imports nothing of ours. */
function independent(dataset: string, files: readonly string[]) {
  const lines = execFileSync(process.execPath, [SCRIPT, dataset, ...files], {
    maxBuffer: 1 << 29,
    encoding: 'utf8',
  })
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const rows = lines.filter((line) => line.account === undefined) as TotalsRow[];
  const accounts = lines.filter((line) => line.account !== undefined).map((line) => line.account);
  return { rows, accounts };
}

/** Through our own decoders and encoder, as the doors would hand the files over. */
function ours(
  declarations: string,
  files: readonly string[],
): { columns: EncodedColumns; context: DecodeContext } {
  const text = readFileSync(new URL(`../examples/open-data/${declarations}.yaml`, import.meta.url), 'utf8');
  const { declarations: list, door } = readDeclarationFile(text);
  const context = contextOfDeclarations(list);
  const entries: DecodedEntry[] = [];
  const take = (raw: RawRecord) => {
    const { sourceId, origin, receivedAt, bytes } = raw;
    const outcomes = decodeMessage(raw, SOURCES, context, (_, error) => {
      throw error;
    });
    const position = entries.length;
    entries.push({
      position,
      receivedAt,
      sourceId,
      origin,
      byteLength: bytes.length,
      outcomes,
      context,
      redelivery: false,
    });
  };
  for (const path of files) {
    const fileName = basename(path);
    const bytes = path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
    const file = {
      transport: 'file',
      principal: 'cli',
      delivery: fileName,
      fileName,
      chunk: 0,
      firstRow: 1,
    } as const;
    if (door.kind === 'mqtt-replay') {
      for (const { topic, principal, payload } of replayMessages(door, bytes.toString())) {
        const origin: Origin = {
          transport: 'mqtt',
          principal,
          clientId: principal,
          topic,
          qos: 1,
          packetId: 1,
          dup: false,
        };
        take({ sourceId: sourceForTopic(topic)!.id, origin, receivedAt: RECEIVED_AT, bytes: payload });
      }
    } else if (door.kind === 'message') {
      const { source, principal } = matchFile(door.messages, fileName)!;
      take({ sourceId: source, origin: { ...file, principal }, receivedAt: RECEIVED_AT, bytes });
    } else {
      const mapping = context.mapping(matchFile(door.deliveries, fileName)!.mapping)!;
      const judge = new DeliveryJudge(mapping);
      const chunk = readRows(mapping, bytes);
      for (const row of 'rows' in chunk ? chunk.rows : [])
        if ('cells' in row) judge.add(coordinateText(mapping, row));
      const verdict = judge.verdict();
      const origin = { ...file, ...(verdict === undefined ? {} : { verdict }) };
      take({ sourceId: 'table', mappingId: mapping.id, origin, receivedAt: RECEIVED_AT, bytes });
    }
  }
  return { columns: encodeOutcomes(entries), context };
}

type Cube = Map<string, { count: number; sum: number; min: number; max: number }>;

/** Our columns gathered as the script gathers its rows; repeated keys with the same content are duplicates. */
function gather({ observations, datastreams, events, features }: EncodedColumns) {
  const cube: Cube = new Map();
  const duplicates = new Map<string, number>();
  const zoneText = new Map<bigint, string>();
  const text = (dggrs: 'h3' | 'beidou2d', zone: bigint, level: number) => {
    if (zone === NO_ZONE) return '';
    let known = zoneText.get(zone);
    if (known === undefined) {
      const grid = GRIDS[dggrs];
      known = grid.format(grid.parent(zone, grid.pointLevel, level), level);
      zoneText.set(zone, known);
    }
    return known;
  };
  const add = (
    dataset: string,
    h3: bigint,
    beidou: bigint,
    time: number,
    category: string,
    value?: number,
  ) => {
    const bucket = Math.floor(time / HOUR) * HOUR;
    for (const key of [
      `${dataset}|h3|${text('h3', h3, 7)}|${bucket}|${category}`,
      `${dataset}|beidou2d|${text('beidou2d', beidou, 5)}|${bucket}|${category}`,
    ]) {
      const row = cube.get(key) ?? {
        count: 0,
        sum: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
      };
      row.count++;
      if (value !== undefined) {
        row.sum += value;
        row.min = Math.min(row.min, value);
        row.max = Math.max(row.max, value);
      }
      cube.set(key, row);
    }
  };
  for (let row = 0; row < observations.n; row++) {
    const { dataset, property } = datastreams[observations.datastream[row]!]!;
    const { h3, beidou, phenomenonTime, result } = observations;
    add(dataset, h3[row]!, beidou[row]!, phenomenonTime[row]!, property, result[row]!);
  }
  const seen = new Map<string, string>();
  const marks = new Map<string, { flagged: number; unlocated: number }>();
  for (const item of [...events, ...features]) {
    const key = `${item.dataset}/${item.key}`;
    if (seen.get(key) === item.contentHash) {
      duplicates.set(item.dataset, (duplicates.get(item.dataset) ?? 0) + 1);
      continue;
    }
    expect(seen.has(key), `two versions of ${key}`).toBe(false);
    seen.set(key, item.contentHash);
    const mark = marks.get(item.dataset) ?? { flagged: 0, unlocated: 0 };
    if ((item.quality & QUALITY.flagged) !== 0) mark.flagged++;
    if (item.h3 === NO_ZONE) mark.unlocated++;
    marks.set(item.dataset, mark);
    if ('start' in item) add(item.dataset, item.h3, item.beidou, item.start, item.category);
    else add(item.dataset, item.h3, item.beidou, 0, item.featureType);
  }
  return { cube, duplicates, marks };
}

/** Counts, least and greatest equal; sums within 1e-12 of the sum of magnitudes. */
function compare(columns: EncodedColumns, { rows, accounts }: ReturnType<typeof independent>): void {
  const { cube, duplicates, marks } = gather(columns);
  expect(cube.size).toBe(rows.length);
  const wrong: unknown[] = [];
  for (const row of rows) {
    const mine = cube.get(`${row.dataset}|${row.dggrs}|${row.id}|${row.bucket}|${row.category}`);
    const same =
      mine?.count === row.count &&
      (row.sum === null ||
        (mine.min === row.min &&
          mine.max === row.max &&
          Math.abs(mine.sum - row.sum) <=
            1e-12 * row.count * Math.max(Math.abs(mine.min), Math.abs(mine.max))));
    if (!same) wrong.push({ row, mine });
  }
  expect(wrong).toEqual([]);
  for (const account of accounts) {
    const records = columns.records.filter((record) => record.dataset === account.dataset);
    const count = (flag: 'refused' | 'held') => records.reduce((sum, record) => sum + record[flag], 0);
    expect(records.length, account.dataset).toBe(account.records.in);
    expect(count('refused'), account.dataset).toBe(account.readings.refused);
    expect(count('held'), account.dataset).toBe(account.readings.held);
    expect(duplicates.get(account.dataset) ?? 0, account.dataset).toBe(account.readings.duplicates);
    const { flagged = 0, unlocated = 0 } = marks.get(account.dataset) ?? {};
    expect({ flagged, unlocated }, account.dataset).toEqual({
      flagged: account.flagged,
      unlocated: account.unlocated,
    });
  }
}

describe('open data: decoded, located and encoded totals equal those of an independent script', () => {
  const cases: readonly (readonly [name: string, declarations: string, files: readonly string[]])[] = [
    ['one GTFS-realtime message', 'gtfs-caltrain', ['gtfs-caltrain/ct-vehicle-positions.pb']],
    [
      'two files of hotline cases',
      'gov-311-nyc',
      ['gov-311-nyc/nyc311_all_categories_1000.csv.gz', 'gov-311-nyc/nyc311_animals_2025_4969.csv.gz'],
    ],
    [
      'Frigate over MQTT and REST',
      'video-frigate',
      ['mqtt_01_frigate_events', 'hass_events_front_door', 'frigate_repo_events_api'].map(
        (name) => `video-frigate/${name}.json`,
      ),
    ],
    [
      'OpenTrafficCam, packed',
      'video-ottrk',
      ['video-ottrk/Testvideo_Cars-Cyclist_FR20_2020-01-01_00-00-00.ottrk'],
    ],
    [
      'places and accidents',
      'gov-greater-manchester',
      [
        'trafford_schools_and_colleges.csv',
        'gm_hospitals.geojson',
        'gm_fire_stations.geojson',
        'gm_gambling_premises.csv',
        'trafford_electric_vehicle_charging_locations.csv',
        'trafford_bus_stops.csv',
        'water_level_monitoring_stations_trafford_and_environs.csv',
        'gm_pharmacies.csv',
        'trafford_aqma.geojson',
        'gm_road_casualties_2019-2024.csv.gz',
      ].map((name) => `gov-greater-manchester/${name}`),
    ],
  ];
  for (const [name, declarations, files] of cases) {
    const paths = files.map((file) => join(DATA, file));
    it.skipIf(!paths.every((path) => existsSync(path)))(`${name} (needs the ${declarations} files)`, () => {
      compare(ours(declarations, paths).columns, independent(declarations, paths));
    });
  }

  const beijing = join(DATA, 'airquality-beijing');
  it.skipIf(!existsSync(beijing))(
    'hours of three Beijing stations, replayed (needs the airquality-beijing files)',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'jingwei-open-data-'));
      try {
        writeFileSync(join(folder, 'stations.csv'), readFileSync(join(beijing, 'stations.csv')));
        const files = ['Dongsi', 'Wanliu', 'Tiantan'].map((station) => {
          const packed = readFileSync(join(beijing, `PRSA_Data_${station}_20130301-20170228.csv.gz`));
          const lines = gunzipSync(packed).toString().split('\n');
          const path = join(folder, `${station}.csv`);
          writeFileSync(path, `${[lines[0], ...lines.slice(8000, 10_000)].join('\n')}\n`);
          return path;
        });
        const { columns } = ours('airquality-beijing', files);
        expect(columns.observations.n).toBeGreaterThan(60_000);
        compare(columns, independent('airquality-beijing', files));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  const ottrk = join(DATA, 'video-ottrk/Testvideo_Cars-Cyclist_FR20_2020-01-01_00-00-00.ottrk');
  it.skipIf(!existsSync(ottrk))(
    'the packed and the plain OpenTrafficCam file say the same (needs the video-ottrk files)',
    () => {
      const packed = ours('video-ottrk', [ottrk]).columns.events;
      const plain = ours('video-ottrk', [`${ottrk}.json`]).columns.events;
      expect(packed).toHaveLength(309);
      expect(packed).toEqual(plain);
      // Far away road users are beyond the declared range: those stand at the camera, and say so.
      const methods = new Set(packed.map((event) => event.positionMethod));
      expect([...methods].sort()).toEqual(['camera', 'camera-ground']);
    },
  );

  const frigate = join(DATA, 'video-frigate/mqtt_01_frigate_events.json');
  it.skipIf(!existsSync(frigate))(
    'no name and no plate of the Frigate sample is kept (needs the video-frigate files)',
    () => {
      const text = JSON.stringify(ours('video-frigate', [frigate]).columns.events, (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      expect(readFileSync(frigate, 'utf8')).toMatch(/John Smith[\s\S]*ABC12345/);
      expect(text).not.toMatch(/John|Smith|ABC12345/);
      expect(text).toMatch(/hasPlate\\":true/);
    },
  );
});
