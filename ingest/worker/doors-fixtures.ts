/** What the door tests share: options on free ports, a city of two datasets, a device that may connect. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { parseDeclarations } from '../declarations-check.ts';
import type { DeclarationInput, LoadBatch, Principal } from '../model/index.ts';
import type { Doors, DoorsOptions } from './doors.ts';

export function doorsOptions(dataDir: string, overrides: Partial<DoorsOptions> = {}): DoorsOptions {
  return {
    dataDir,
    mqtt: {
      host: '127.0.0.1',
      port: 0,
      maxPacketBytes: 256 * 1024,
      maxTopicLevels: 16,
      maxInFlight: 64,
      maxConnections: 100,
    },
    inbox: { dir: join(dataDir, 'inbox'), pollMs: 40 },
    journal: { segmentBytes: 1024 * 1024, groupCommitMs: 0, minFreeBytes: 0 },
    ...overrides,
  };
}

const dataset = (id: string, more: object = {}): DeclarationInput => ({
  kind: 'dataset',
  body: {
    id,
    titleEn: id,
    titleZh: id,
    publisherEn: 'Office',
    publisherZh: '局',
    licence: 'CC0-1.0',
    periodMs: 60_000,
    ...more,
  },
});

/** A mapping of schools; a delivery in which most have one coordinate is held. */
export const schools = {
  id: 'schools',
  dataset: 'city-schools',
  format: 'csv',
  encoding: 'gbk',
  files: ['schools*.csv'],
  position: { lon: '经度', lat: '纬度' },
  deliveryRules: [{ rule: 'constant-coordinate', minRows: 3, action: 'hold' }],
  features: { key: ['id'], featureType: 'school', name: '名称' },
} as const;

/** An air station, and schools that come as a table in GBK. */
export const CITY = parseDeclarations([
  dataset('air'),
  dataset('city-schools'),
  {
    kind: 'thing',
    body: {
      id: 'air-1',
      dataset: 'air',
      nameEn: 'Air 1',
      nameZh: '空气一',
      category: 'air-station',
      position: { lonDeg: 104.61, latDeg: 35.58 },
      datastreams: [{ property: 'pm25', periodMs: 60_000 }],
    },
  },
  { kind: 'mapping', body: structuredClone(schools) as never },
]);

const TOKEN = 'a token';
export const DEVICE: Principal = {
  id: 'air-1',
  kind: 'device',
  tokenHash: createHash('sha256').update(TOKEN).digest('hex'),
  publish: ['things/{id}/#'],
  subscribe: [],
  disabled: false,
};

/** A connected client of the device. */
export function connectDevice(port: number, clientId = 'air-1', password = TOKEN): Promise<MqttClient> {
  return mqtt.connectAsync({
    host: '127.0.0.1',
    port,
    clientId,
    username: DEVICE.id,
    password,
    protocolVersion: 5,
    reconnectPeriod: 0,
    manualConnect: false,
  });
}

/** Everything from `from` to the head. */
export async function pullToHead(doors: Doors, from = 0): Promise<LoadBatch[]> {
  const batches: LoadBatch[] = [];
  for (let at = from; ; at = batches.at(-1)!.to) {
    const batch = await doors.pull(at, 1000, 0);
    if (batch.to === batch.from) return batches;
    batches.push(batch);
  }
}
