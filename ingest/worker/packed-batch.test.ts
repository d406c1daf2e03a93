import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DatastreamKey, LoadBatch, RecordSummary } from '../model/index.ts';
import { buffersOf, packKeys, packRecords, unpackBatch } from './packed-batch.ts';

const text = fc.constantFrom('', 'a', 'b', 'a\0b', '路灯', 'constructor');
const record: fc.Arbitrary<RecordSummary> = fc.record({
  position: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  dataset: text,
  sourceId: text,
  delivery: text,
  refused: fc.nat(10_000),
  held: fc.nat(10_000),
  redelivery: fc.boolean(),
});
const key: fc.Arbitrary<DatastreamKey> = fc.record({ dataset: text, thing: text, property: text });

function packed(records: readonly RecordSummary[], keys: readonly DatastreamKey[], n = 0) {
  const observations: LoadBatch['observations'] = {
    n,
    datastream: new Uint32Array(n),
    record: new Uint32Array(n),
    phenomenonTime: Float64Array.from({ length: n }, (_, i) => i),
    resultDelayMs: new Uint32Array(n),
    result: new Float64Array(n),
    h3: new BigUint64Array(n),
    beidou: new BigUint64Array(n),
    heightM: new Float32Array(n),
    quality: new Uint8Array(n),
  };
  const rest = { from: 0, to: 1, head: 1, declarations: [], events: [], features: [], rejections: [] };
  return { ...rest, observations, records: packRecords(records), datastreams: packKeys(keys) };
}

describe('packed batches', () => {
  it('unpackBatch gives the records and keys that were packed, whatever their texts', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), fc.array(key), (records, keys) => {
        const batch = unpackBatch(packed(records, keys));
        expect(batch.records).toEqual(records);
        expect(batch.datastreams).toEqual(keys);
      }),
    );
  });

  it('packRecords grows beyond its first columns and loses nothing', () => {
    const records = Array.from({ length: 5000 }, (_, i) => ({
      position: i * 3,
      dataset: i % 7 === 0 ? 'x' : 'y',
      sourceId: 's',
      delivery: '',
      refused: i % 3,
      held: 0,
      redelivery: i % 5 === 0,
    }));
    expect(unpackBatch(packed(records, [])).records).toEqual(records);
  });

  it('buffersOf hands the columns over: the sender has none of them afterwards, the receiver all', () => {
    const { port1, port2 } = new MessageChannel();
    const batch = packed(
      [{ position: 7, dataset: 'd', sourceId: 's', delivery: '', refused: 0, held: 0, redelivery: false }],
      [],
      3,
    );
    port1.postMessage(batch, buffersOf(batch));
    expect(batch.observations.phenomenonTime.byteLength).toBe(0);
    expect(batch.records.position.byteLength).toBe(0);
    const arrived = unpackBatch(receiveMessageOnPort(port2)!.message);
    expect([...arrived.observations.phenomenonTime]).toEqual([0, 1, 2]);
    expect(arrived.records[0]).toMatchObject({ position: 7, dataset: 'd' });
    port1.close();
  });
});
