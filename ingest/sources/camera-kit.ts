/** What the detection sources share: categories, the camera a principal means, and boxes to feet. */
import type { DecodeContext, RawRecord, Rejection, ThingDeclaration } from '../model/index.ts';
import { refusal, type Speaker, speaksFor } from './source-kit.ts';

/** Longest text taken over from a camera into keys and attributes. */
export const MAX_TEXT = 200;

/** A finite number, or undefined. */
export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A text of 1 to `MAX_TEXT` characters, or undefined. */
export function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT ? value : undefined;
}

/** Exactly four finite numbers, or undefined. */
export function fourNumbers(value: unknown): readonly [number, number, number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  return value.every((member) => finite(member) !== undefined)
    ? (value as unknown as readonly [number, number, number, number])
    : undefined;
}

/** POSIX seconds (floating) to whole milliseconds within the years 1 to 9999; undefined for anything else. */
export function secondsToMs(value: unknown): number | undefined {
  const seconds = finite(value);
  return seconds === undefined || Math.abs(seconds) > 62_000_000_000 ? undefined : Math.round(seconds * 1000);
}

/** The camera that this principal calls `alias`, or the principal's own camera of that id. */
export function cameraByAlias(alias: string, raw: RawRecord, context: DecodeContext): Speaker {
  const principal = raw.origin.principal;
  const thing = context.thingByAlias(principal, alias) ?? ownCamera(principal, alias, context);
  if (thing !== undefined) return { thing };
  return {
    refused: refusal('unknown-thing', `Camera "${alias}" of "${principal}" is not declared`, 1),
  };
}

function ownCamera(principal: string, id: string, context: DecodeContext): ThingDeclaration | undefined {
  const thing = context.thing(id);
  return thing !== undefined && speaksFor(principal, thing) ? thing : undefined;
}

/** The refusal of a detection whose dataset is not declared. */
export function unknownDataset(camera: ThingDeclaration): Rejection {
  return refusal('unknown-dataset', `Dataset "${camera.dataset}" of "${camera.id}" is not declared`, 1, {
    thing: camera.id,
    dataset: camera.dataset,
  });
}
