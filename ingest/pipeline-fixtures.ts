/** What the pipeline's tests share: a tiny source whose answer depends on what is declared, and a plain encoder. */

import { parseDeclarations } from './declarations-check.ts';
import { DeclarationHistory } from './declarations-history.ts';
import type { FileJournal, JournalOptions } from './journal/journal-contract.ts';
import { message, openTestJournal } from './journal/journal-fixtures.ts';
import type { Declaration, Item, Origin, RawRecord, Rejection, Source } from './model/index.ts';
import { createPipeline } from './pipeline.ts';
import type { Pipeline, PipelineOptions } from './pipeline-contract.ts';
import type { BatchEncoder, DecodedEntry, EncodedColumns } from './worker/decoded-entry.ts';
import { packKeys, packRecords } from './worker/packed-batch.ts';

/** Words separated by spaces: a number is a reading of the principal's Thing, `!` throws, another word is refused. */
export const wordSource: Source = {
  id: 'words',
  title: 'Words',
  topics: ['things/+/observations'],
  examples: [],
  decode(raw, context) {
    const words = new TextDecoder().decode(raw.bytes).split(' ');
    if (words.includes('!')) throw new Error('told to fail');
    const thing = context.thing(raw.origin.principal);
    if (thing === undefined)
      return [{ dataset: '', items: [], rejections: [rejection('unknown-thing', 'refused')] }];
    const numbers = words.filter((word) => Number.isFinite(Number(word)));
    const others = words.filter((word) => !Number.isFinite(Number(word)));
    const items = numbers.map(
      (word): Item => ({ kind: 'observation', thing: thing.nameEn, property: 'pm25', result: Number(word) }),
    );
    const rejections = others.map((word) => rejection('not-a-number', word === 'hold' ? 'held' : 'refused'));
    return [{ dataset: thing.dataset, items, rejections }];
  },
};

function rejection(code: Rejection['code'], disposition: Rejection['disposition']): Rejection {
  return { code, message: code, disposition, readings: 1 };
}

/** Observations as they are, without zones; the Thing's name stands in the datastream's key. */
export function plainEncode(entries: readonly DecodedEntry[]): EncodedColumns {
  const readings: { record: number; thing: string; result: number; flags: number }[] = [];
  const records: EncodedColumns['records'][number][] = [];
  const rejections: EncodedColumns['rejections'][number][] = [];
  for (const entry of entries) {
    for (const outcome of entry.outcomes) {
      const record = records.length;
      for (const item of outcome.items) {
        if (item.kind === 'observation') readings.push({ record, ...item, flags: item.flags ?? 0 });
      }
      for (const { code, message, disposition, readings: count } of outcome.rejections) {
        rejections.push({
          position: entry.position,
          record,
          receivedAt: entry.receivedAt,
          sourceId: entry.sourceId,
          principal: entry.origin.principal,
          origin: entry.origin.transport,
          code,
          message,
          disposition,
          dataset: outcome.dataset,
          readings: count,
          byteLength: entry.byteLength,
        });
      }
      records.push({
        position: entry.position,
        dataset: outcome.dataset,
        sourceId: entry.sourceId,
        delivery: entry.origin.transport === 'file' ? entry.origin.delivery : '',
        refused: outcome.rejections.filter((one) => one.disposition === 'refused').length,
        held: outcome.rejections.filter((one) => one.disposition === 'held').length,
        redelivery: entry.redelivery,
      });
    }
  }
  const n = readings.length;
  return {
    datastreams: readings.map(({ thing }) => ({ dataset: '', thing, property: 'pm25' })),
    observations: {
      n,
      datastream: Uint32Array.from(readings, (_, i) => i),
      record: Uint32Array.from(readings, (one) => one.record),
      phenomenonTime: new Float64Array(n),
      resultDelayMs: new Uint32Array(n),
      result: Float64Array.from(readings, (one) => one.result),
      h3: new BigUint64Array(n),
      beidou: new BigUint64Array(n),
      heightM: new Float32Array(n),
      quality: Uint8Array.from(readings, (one) => one.flags),
    },
    events: [],
    features: [],
    rejections,
    records,
  };
}

/** `plainEncode` of what was added. */
function beginPlainBatch(): BatchEncoder {
  const entries: DecodedEntry[] = [];
  return {
    add: (entry) => entries.push(entry),
    finish: async () => {
      const { records, datastreams, ...rest } = plainEncode(entries);
      return { ...rest, records: packRecords(records), datastreams: packKeys(datastreams) };
    },
  };
}

/** A dataset `air` and the Thing `a`, called by the given name. */
export function declarations(name = 'a'): readonly Declaration[] {
  return parseDeclarations([
    {
      kind: 'dataset',
      body: {
        id: 'air',
        titleEn: 'Air',
        titleZh: '空气',
        publisherEn: 'Office',
        publisherZh: '局',
        licence: 'CC0-1.0',
        periodMs: 60_000,
      },
    },
    { kind: 'thing', body: { id: 'a', dataset: 'air', nameEn: name, nameZh: name, category: 'air-station' } },
  ]);
}

/** A message of the word source. */
export function words(text: string, origin: Partial<Extract<Origin, { transport: 'mqtt' }>> = {}): RawRecord {
  return { ...message(text, origin).raw, sourceId: 'words' };
}

/** A journal and a pipeline on it. */
export async function openTestPipeline(
  dir: string,
  journalOptions: Partial<JournalOptions> = {},
  options: Partial<PipelineOptions> = {},
): Promise<{ journal: FileJournal; pipeline: Pipeline }> {
  const history = new DeclarationHistory();
  const journal = await openTestJournal(dir, {
    snapshot: () => history.current.list(),
    onControl: (entry) => history.replay(entry.declarations),
    ...journalOptions,
  });
  const pipeline = await createPipeline({
    journal,
    declarations: history,
    sources: { words: wordSource },
    beginBatch: beginPlainBatch,
    clock: () => 1_700_000_000_000,
    redeliveryEntries: 1000,
    ...options,
  });
  return { journal, pipeline };
}
