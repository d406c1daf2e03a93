/** A small fleet of air stations for tests and benchmarks: declared, given credentials, connected. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { DeclarationInput } from '../../ingest/model/index.ts';
import type { ServerProcess } from './server-process.ts';

export interface FleetDevice {
  readonly id: string;
  readonly token: string;
}

/** Stations on a raster around Dingxi, `spacingDeg` apart, so that each can have a zone of its own. */
export function fleetDeclarations(count: number, prefix = 'probe', spacingDeg = 0.02): DeclarationInput[] {
  const columns = Math.ceil(Math.sqrt(count));
  const dataset: DeclarationInput = {
    kind: 'dataset',
    body: {
      id: `${prefix}-air`,
      titleEn: 'Probe stations',
      titleZh: '测试站点',
      publisherEn: 'Tests',
      publisherZh: '测试',
      licence: 'CC0',
      periodMs: 60_000,
    },
  };
  const things = Array.from({ length: count }, (_, index): DeclarationInput => {
    const lonDeg = 104 + (index % columns) * spacingDeg;
    const latDeg = 34.6 + Math.floor(index / columns) * spacingDeg;
    const id = `${prefix}-${String(index).padStart(5, '0')}`;
    return {
      kind: 'thing',
      body: {
        id,
        dataset: `${prefix}-air`,
        nameEn: `Station ${index}`,
        nameZh: `站点 ${index}`,
        category: 'air-station',
        position: { lonDeg, latDeg },
        datastreams: [
          { property: 'pm25', periodMs: 60_000 },
          { property: 'noise-level', periodMs: 60_000 },
        ],
      },
    };
  });
  return [dataset, ...things];
}

/** Declares the fleet on a server and gives every device a credential. */
export async function enrolFleet(
  server: ServerProcess,
  count: number,
  prefix = 'probe',
  spacingDeg = 0.02,
): Promise<FleetDevice[]> {
  const declarations = fleetDeclarations(count, prefix, spacingDeg);
  for (let from = 0; from < declarations.length; from += 500) {
    await server.json('/api/v1/declarations', {
      method: 'POST',
      body: JSON.stringify(declarations.slice(from, from + 500)),
    });
  }
  const ids = declarations.flatMap((declaration) =>
    declaration.kind === 'thing' ? [declaration.body.id] : [],
  );
  const devices: FleetDevice[] = [];
  for (let from = 0; from < ids.length; from += 500) {
    const body = JSON.stringify(ids.slice(from, from + 500).map((id) => ({ id, kind: 'device' })));
    devices.push(...(await server.json<FleetDevice[]>('/api/v1/devices', { method: 'POST', body })));
  }
  return devices;
}

export async function connectDevice(
  mqttUrl: string,
  device: FleetDevice,
  options: IClientOptions = {},
): Promise<MqttClient> {
  return await mqtt.connectAsync(mqttUrl, {
    username: device.id,
    password: device.token,
    clientId: device.id,
    reconnectPeriod: 0,
    ...options,
  });
}
