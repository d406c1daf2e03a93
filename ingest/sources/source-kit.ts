/** What every source needs: rejections with one shape, bytes to text to JSON, and who may speak for which Thing. */
import type {
  DecodeContext,
  RawRecord,
  RecordOutcome,
  Rejection,
  RejectionCode,
  Source,
  ThingDeclaration,
} from '../model/index.ts';

/** Declares a source: the value itself, with its id kept as a literal for the registry. */
export function defineSource<const Id extends string>(source: Source & { readonly id: Id }): typeof source {
  return source;
}

/** Where a rejection belongs. */
export interface RejectionPlace {
  readonly where?: string;
  readonly thing?: string;
  readonly dataset?: string;
}

/** A refusal that stands for `readings` readings; 0 when the record could not be taken apart. */
export function refusal(
  code: RejectionCode,
  message: string,
  readings: number,
  place: RejectionPlace = {},
): Rejection {
  return { code, message, disposition: 'refused', readings, ...place };
}

/** A record of which nothing was kept. */
export function refusedRecord(rejection: Rejection): RecordOutcome {
  return { dataset: rejection.dataset ?? '', items: [], rejections: [rejection] };
}

/** The whole message as one refused record. */
export function refusedMessage(
  code: RejectionCode,
  message: string,
  place?: RejectionPlace,
): readonly RecordOutcome[] {
  return [refusedRecord(refusal(code, message, 0, place))];
}

/** A JSON document, or the outcome of a message that holds none. */
export type JsonReading = { readonly json: unknown } | { readonly refused: readonly RecordOutcome[] };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Strict UTF-8: undefined where the bytes are none. */
export function readUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Strict JSON. A document that is JSON but for bare `NaN` or `Infinity` is refused as `not-a-number`, so that whoever
 * maintains the device reads what is wrong with it.
 */
export function readJson(bytes: Uint8Array): JsonReading {
  if (bytes.length === 0)
    return { refused: refusedMessage('malformed', 'Message is empty: it must be JSON') };
  const text = readUtf8(bytes);
  if (text === undefined) return { refused: refusedMessage('malformed', 'Message is not UTF-8 text') };
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    const bare = bareNumberWord(text);
    if (bare !== undefined) {
      return {
        refused: refusedMessage(
          'not-a-number',
          `Message holds the bare word "${bare}", which is no JSON number`,
        ),
      };
    }
    // The parser quotes the text; only its own words are kept, the bytes are in the journal.
    const reason = error instanceof Error ? error.message.slice(0, 120) : 'unreadable';
    return { refused: refusedMessage('malformed', `Message is not JSON: ${reason}`) };
  }
}

/** The first bare NaN or Infinity outside strings, if the text is JSON once they are gone. One pass over the text. */
function bareNumberWord(text: string): string | undefined {
  let found: string | undefined;
  let repaired = '';
  let from = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === 'N' || character === 'I') {
      const word = character === 'N' ? 'NaN' : 'Infinity';
      if (!text.startsWith(word, at)) return undefined;
      found ??= word;
      const start = text[at - 1] === '-' ? at - 1 : at;
      repaired += `${text.slice(from, start)}null`;
      from = at + word.length;
      at = from - 1;
    }
  }
  if (found === undefined) return undefined;
  try {
    JSON.parse(repaired + text.slice(from));
    return found;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** MQTT topic, or undefined for messages that came by another door. */
export function topicOf(raw: RawRecord): string | undefined {
  return raw.origin.transport === 'mqtt' ? raw.origin.topic : undefined;
}

/** A device speaks for itself, a gateway for the Things that name it. */
export function speaksFor(principal: string, thing: ThingDeclaration): boolean {
  return thing.id === principal || thing.gateway === principal;
}

/** The Thing, or the reason why this principal may not speak for it. */
export type Speaker = { readonly thing: ThingDeclaration } | { readonly refused: Rejection };

/** Looks a Thing up by id and checks that the principal may speak for it. */
export function speakerById(id: string, raw: RawRecord, context: DecodeContext, readings: number): Speaker {
  const thing = context.thing(id);
  if (thing === undefined) {
    return { refused: refusal('unknown-thing', `Thing "${id.slice(0, 128)}" is not declared`, readings) };
  }
  const principal = raw.origin.principal;
  if (!speaksFor(principal, thing)) {
    return {
      refused: refusal(
        'topic-not-allowed',
        `Principal "${principal}" may not speak for "${thing.id}": only itself or its gateway may`,
        readings,
        { thing: thing.id, dataset: thing.dataset },
      ),
    };
  }
  return { thing };
}
