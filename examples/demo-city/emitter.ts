/** What goes out over MQTT: every device, and every camera, as something that has messages to send at regular instants. */
import type { Camera } from './cameras/camera.ts';
import { FRIGATE_GATEWAY } from './cameras/camera.ts';
import { FRIGATE_TOPIC, frigateEvents } from './cameras/frigate.ts';
import { onvifFrame, onvifTopic } from './cameras/onvif.ts';
import { mix, textKey } from './city/random.ts';
import type { Sample, Sensor } from './sensors/sensor.ts';

/** One MQTT message. */
export interface CityMessage {
  /** Who publishes it: also the MQTT user name. */
  readonly principal: string;
  readonly topic: string;
  /** JSON text. */
  readonly payload: string;
  /** The instant it tells of, epoch ms. */
  readonly time: number;
}

/** One source of messages. Due at every instant `t` with `t mod periodMs = phaseMs`. */
export interface Emitter {
  readonly id: string;
  readonly principal: string;
  readonly periodMs: number;
  readonly phaseMs: number;
  /** Messages due at an instant, for the span since the last. Pure. */
  messages(instant: number, spanMs: number): readonly CityMessage[];
}

/** How often a camera's analytics publish at rate 1 while they see something, ms. */
export const CAMERA_PERIOD_MS = { frigate: 1000, onvif: 500 } as const;

/** A sensor as an emitter; devices report spread over their period, not all at once. */
export function sensorEmitter(sensor: Sensor, rate: number): Emitter {
  const periodMs = Math.max(1, Math.round(sensor.periodMs / rate));
  const topic = observationTopic(sensor.id);
  return {
    id: sensor.id,
    principal: sensor.id,
    periodMs,
    phaseMs: phaseOf(sensor.id, periodMs),
    messages: (instant, spanMs) => [
      {
        principal: sensor.id,
        topic,
        payload: JSON.stringify(sampleJson(sensor, sensor.read(instant, spanMs))),
        time: instant,
      },
    ],
  };
}

/** A camera as an emitter: under its gateway's name for Frigate, under its own for ONVIF. */
export function cameraEmitter(seed: number, camera: Camera, rate: number): Emitter {
  const periodMs = Math.max(1, Math.round(CAMERA_PERIOD_MS[camera.protocol] / rate));
  const principal = camera.protocol === 'frigate' ? FRIGATE_GATEWAY : camera.id;
  const topic = camera.protocol === 'frigate' ? FRIGATE_TOPIC : onvifTopic(camera);
  const payloads = (instant: number, spanMs: number): readonly string[] => {
    if (camera.protocol === 'frigate') return frigateEvents(seed, camera, instant, spanMs);
    const frame = onvifFrame(seed, camera, instant);
    return frame === undefined ? [] : [frame];
  };
  return {
    id: camera.id,
    principal,
    periodMs,
    phaseMs: phaseOf(camera.id, periodMs),
    messages: (instant, spanMs) =>
      payloads(instant, spanMs).map((payload) => ({ principal, topic, payload, time: instant })),
  };
}

/** Topic of a device's observations in Jingwei JSON. */
export function observationTopic(thing: string): string {
  return `things/${thing}/observations`;
}

/** One object of a Jingwei JSON payload. Lamps and gauges use the short form, buses epoch milliseconds: all are allowed. */
export function sampleJson(sensor: Sensor, sample: Sample): Record<string, unknown> {
  if (sensor.kind === 'street-light' || sensor.kind === 'rain-gauge') {
    return { time: new Date(sample.time).toISOString(), ...sample.results };
  }
  if (sample.location !== undefined) {
    return { time: sample.time, location: sample.location, results: sample.results };
  }
  return { time: new Date(sample.time).toISOString(), results: sample.results };
}

function phaseOf(id: string, periodMs: number): number {
  return mix(textKey(id)) % periodMs;
}

/** The first instant after `instant` at which the emitter is due. */
export function nextDue(emitter: Emitter, instant: number): number {
  const since = instant - emitter.phaseMs;
  return (Math.floor(since / emitter.periodMs) + 1) * emitter.periodMs + emitter.phaseMs;
}
