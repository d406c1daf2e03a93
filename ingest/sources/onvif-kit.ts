/** What both ONVIF sources share: XML turned into JSON, where one may stand for a list and numbers may be quoted. */
import type { DecodeContext, RawRecord } from '../model/index.ts';
import { readIsoInstant } from '../quality/time-text.ts';
import { shortText } from './camera-kit.ts';
import { type Speaker, speakerById, topicOf } from './source-kit.ts';

/** A list, also where the writer left out the brackets around a single member. */
export function asList(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

/** A number, bare or quoted, as ONVIF Core 9.1.3 allows; undefined for anything else. */
export function onvifNumber(value: unknown): number | undefined {
  const text = typeof value === 'string' && /^-?\d{1,15}(\.\d{1,17})?([eE][+-]?\d{1,2})?$/.test(value);
  const number = text ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A text or a number as text: object and rule ids come as both. */
export function onvifText(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : shortText(value);
}

/** ISO 8601; without a zone it is UTC, as the name `UtcTime` says. */
export function onvifTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  return readIsoInstant(value) ?? readIsoInstant(`${value}Z`);
}

/** The camera is the first level of the topic, or the principal where there is no topic. */
export function cameraOfTopic(raw: RawRecord, context: DecodeContext): Speaker {
  return speakerById(topicOf(raw)?.split('/')[0] ?? raw.origin.principal, raw, context, 1);
}
