/** Adds members to the text of a JSON object without writing the rest of it anew: numbers and spaces stay as they came. */

import { memberTexts } from './json-splice.ts';

/** An object's text and what was read of it. */
export interface JsonObject {
  /** Trimmed; begins with `{` and ends with `}`. */
  readonly text: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Reads a line. Undefined when it is not one JSON object. */
export function readObject(text: string): JsonObject | undefined {
  if (text.charCodeAt(0) !== 0x7b) return undefined;
  try {
    return { text, members: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

/**
 * The object's text with members behind its own.
 *
 * @param added - Text such as `"code":"N48I"`, without a comma at its ends.
 * @param names - Names that stand in `added`: members of the object with them are left out.
 */
export function withMembers(object: JsonObject, added: string, names: readonly string[]): string {
  const text = without(object, names);
  const body = text.slice(0, -1).trimEnd();
  return body === '{' ? `{${added}}` : `${body},${added}}`;
}

/** The object's text with an `error` before its own members. */
export function withError(object: JsonObject, error: string): string {
  const text = without(object, ['error']);
  const body = text.slice(1).trimStart();
  return body === '}' ? `{"error":${error}}` : `{"error":${error},${body}`;
}

/** The others keep their text: written anew, a long whole number would lose its last digits. */
function without(object: JsonObject, names: readonly string[]): string {
  if (!names.some((name) => Object.hasOwn(object.members, name))) return object.text;
  const kept = memberTexts(object.text).filter(({ name }) => !names.includes(name));
  return `{${kept.map(({ text }) => text).join(',')}}`;
}
