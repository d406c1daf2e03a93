/** What a journal entry says, given what was declared: the same when it arrives and at every replay. Pure. */
import {
  type DecodeContext,
  type JournalEntryBody,
  type Position,
  QUALITY,
  type RawRecord,
  type RecordOutcome,
  type Rejection,
  type Source,
} from './model/index.ts';
import type { DecodedEntry } from './worker/decoded-entry.ts';

/** Decoders by source id. */
export type SourceTable = Readonly<Record<string, Source | undefined>>;

/** Told when a decoder threw, which is a mistake of ours; the message is refused all the same. */
export type DecoderFault = (sourceId: string, error: unknown) => void;

/** Decodes a message and applies the verdict on its delivery. Never throws. */
export function decodeMessage(
  raw: RawRecord,
  sources: SourceTable,
  context: DecodeContext,
  onFault: DecoderFault,
): readonly RecordOutcome[] {
  const source = Object.hasOwn(sources, raw.sourceId) ? sources[raw.sourceId] : undefined;
  if (source === undefined) {
    return [refusedRecord({ code: 'unknown-source', message: `No decoder is called "${raw.sourceId}"` })];
  }
  let outcomes: readonly RecordOutcome[];
  try {
    outcomes = source.decode(raw, context);
  } catch (error) {
    onFault(raw.sourceId, error);
    const message = `Decoder "${raw.sourceId}" failed: ${error instanceof Error ? error.message : String(error)}`;
    return [refusedRecord({ code: 'malformed', message })];
  }
  const verdict = raw.origin.transport === 'file' ? raw.origin.verdict : undefined;
  return verdict === undefined ? outcomes : outcomes.map((outcome) => judged(outcome, verdict));
}

/** The decoded form of a journal entry; control entries have none. */
export function decodeBody(
  body: Exclude<JournalEntryBody, { kind: 'control' }>,
  position: Position,
  sources: SourceTable,
  context: DecodeContext,
  onFault: DecoderFault,
): DecodedEntry {
  if (body.kind === 'redelivery') {
    const { sourceId, origin, receivedAt } = body;
    const outcomes = (body.datasets ?? ['']).map((dataset) => ({ dataset, items: [], rejections: [] }));
    const byteLength = body.byteLength ?? 0;
    return { position, receivedAt, sourceId, origin, byteLength, outcomes, context, redelivery: true };
  }
  const { sourceId, origin, receivedAt } = body.raw;
  const outcomes =
    body.kind === 'message'
      ? decodeMessage(body.raw, sources, context, onFault)
      : [{ dataset: body.rejection.dataset ?? '', items: [], rejections: [body.rejection] }];
  const byteLength = body.kind === 'message' ? body.raw.bytes.length : body.fullLength;
  return { position, receivedAt, sourceId, origin, byteLength, outcomes, context, redelivery: false };
}

function refusedRecord(about: Pick<Rejection, 'code' | 'message'>): RecordOutcome {
  return { dataset: '', items: [], rejections: [{ ...about, disposition: 'refused', readings: 0 }] };
}

/** A record under the verdict on its whole delivery: kept out with a reason, or kept with a mark. */
function judged(
  outcome: RecordOutcome,
  verdict: { disposition: 'refused' | 'held' | 'flag'; message: string },
): RecordOutcome {
  if (outcome.items.length === 0) return outcome;
  if (verdict.disposition === 'flag') {
    const items = outcome.items.map((item) => ({ ...item, flags: (item.flags ?? 0) | QUALITY.flagged }));
    return { ...outcome, items };
  }
  const { disposition, message } = verdict;
  const rejection: Rejection = {
    code: disposition === 'held' ? 'rule-held' : 'rule-refused',
    message,
    disposition,
    ...(outcome.dataset === '' ? {} : { dataset: outcome.dataset }),
    readings: outcome.items.length,
  };
  return { ...outcome, items: [], rejections: [...outcome.rejections, rejection] };
}
