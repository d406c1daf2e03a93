/** The whole simulated city as declared facts: what is registered, who gets a credential, and what can speak. */
import type { DeclarationInput } from '../../ingest/model/index.ts';
import { type Camera, FRIGATE_GATEWAY, planCameras } from './cameras/camera.ts';
import { datasets } from './datasets.ts';
import { type CityMessage, cameraEmitter, type Emitter, nextDue, sensorEmitter } from './emitter.ts';
import { mappings } from './mappings.ts';
import { airStations } from './sensors/air.ts';
import { buses } from './sensors/buses.ts';
import { streetLights } from './sensors/lamps.ts';
import { rainGauges } from './sensors/rain.ts';
import type { Sensor } from './sensors/sensor.ts';
import { trafficCounters } from './sensors/traffic.ts';
import { waterStations } from './sensors/water.ts';

/** One entry of `POST /api/v1/devices`. Without filters the server's default applies. */
export interface DeviceRequest {
  readonly id: string;
  readonly kind: 'device' | 'gateway';
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

export interface CityPlan {
  readonly seed: number;
  /** Publishing rate: 1 keeps the declared periods, 10 publishes ten times as often. */
  readonly rate: number;
  /** Datasets first, then Things, then mappings. */
  readonly declarations: readonly DeclarationInput[];
  readonly devices: readonly DeviceRequest[];
  readonly sensors: readonly Sensor[];
  readonly cameras: readonly Camera[];
  readonly emitters: readonly Emitter[];
}

/** The fleet at full size: 650 devices besides the cameras. */
const FLEET = { air: 30, water: 40, rain: 40, lamps: 400, traffic: 80, buses: 60 } as const;
export const FLEET_SIZE = Object.values(FLEET).reduce((sum, count) => sum + count, 0);

/**
 * The city of that seed. Same arguments, same city, on every machine.
 *
 * @param options.devices - Devices besides the cameras; the kinds keep their shares. Default 650.
 * @param options.rate - Messages per declared period. Default 1.
 */
export function planCity(
  seed: number,
  options: { readonly devices?: number; readonly rate?: number } = {},
): CityPlan {
  const rate = options.rate ?? 1;
  const scale = (options.devices ?? FLEET_SIZE) / FLEET_SIZE;
  const of = (count: number) => ({ seed, count: Math.max(1, Math.round(count * scale)) });
  const sensors = [
    ...airStations(of(FLEET.air)),
    ...waterStations(of(FLEET.water)),
    ...rainGauges(of(FLEET.rain)),
    ...streetLights(of(FLEET.lamps)),
    ...trafficCounters(of(FLEET.traffic)),
    ...buses(of(FLEET.buses)),
  ];
  const cameras = planCameras(seed);
  return {
    seed,
    rate,
    sensors,
    cameras,
    declarations: [
      ...datasets(),
      ...sensors.map((sensor) => sensorDeclaration(sensor, rate)),
      ...cameras.map(cameraDeclaration),
      ...mappings(),
    ],
    devices: [
      ...sensors.map(({ id }): DeviceRequest => ({ id, kind: 'device' })),
      ...cameras
        .filter(({ protocol }) => protocol === 'onvif')
        .map(
          ({ id }): DeviceRequest => ({
            id,
            kind: 'device',
            publish: [`${id}/onvif-mj/#`, `${id}/onvif-ej/#`],
          }),
        ),
      { id: FRIGATE_GATEWAY, kind: 'gateway', publish: ['frigate/#'] },
    ],
    emitters: [
      ...sensors.map((sensor) => sensorEmitter(sensor, rate)),
      ...cameras.map((camera) => cameraEmitter(seed, camera, rate)),
    ],
  };
}

/** Every message due in `(from, to]`, oldest first. For tests and benches; the running city asks emitter by emitter. */
export function messagesAt(plan: CityPlan, from: number, to: number): readonly CityMessage[] {
  const messages: CityMessage[] = [];
  for (const emitter of plan.emitters) {
    for (let due = nextDue(emitter, from); due <= to; due += emitter.periodMs) {
      messages.push(...emitter.messages(due, emitter.periodMs));
    }
  }
  return messages.toSorted((a, b) => a.time - b.time);
}

function sensorDeclaration(sensor: Sensor, rate: number): DeclarationInput {
  // A city run slower than life must not look stale, so its declared periods grow; a faster one is simply early.
  const periodMs = Math.round(sensor.periodMs / Math.min(1, rate));
  return {
    kind: 'thing',
    body: {
      id: sensor.id,
      dataset: sensor.dataset,
      nameEn: sensor.nameEn,
      nameZh: sensor.nameZh,
      category: sensor.kind,
      ...(sensor.at === undefined
        ? {}
        : { position: { lonDeg: sensor.at[0], latDeg: sensor.at[1], datum: 'wgs84' as const } }),
      datastreams: sensor.datastreams.map((stream) => ({ ...stream, periodMs })),
      properties: { ...sensor.properties },
    },
  };
}

function cameraDeclaration(camera: Camera): DeclarationInput {
  return {
    kind: 'thing',
    body: {
      id: camera.id,
      dataset: 'demo-cameras',
      nameEn: camera.nameEn,
      nameZh: camera.nameZh,
      category: 'camera',
      position: { lonDeg: camera.at[0], latDeg: camera.at[1], datum: 'wgs84' },
      ...(camera.alias === undefined ? {} : { gateway: FRIGATE_GATEWAY, alias: camera.alias }),
      pose: camera.pose,
      properties: { county: camera.county.code, protocol: camera.protocol },
    },
  };
}
