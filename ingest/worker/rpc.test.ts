import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestError, isIngestError } from '../ingest-error.ts';
import { doorsOptions } from './doors-fixtures.ts';
import { openDoors } from './open-doors.ts';
import { createCaller, serveCalls, toPort } from './rpc.ts';

type TestCalls = {
  add(a: number, b: number): number;
  count(to: number): string;
  refuse(): never;
  fail(): never;
  column(n: number): { column: Float64Array };
};

let channel: MessageChannel;
beforeEach(() => {
  channel = new MessageChannel();
});
afterEach(() => channel.port1.close());

function connect() {
  const kept: ArrayBuffer[] = [];
  serveCalls<TestCalls>(
    toPort(channel.port1),
    {
      add: (_progress, a, b) => a + b,
      count: async (progress, to) => {
        for (let i = 1; i <= to; i++) progress(i);
        return 'done';
      },
      refuse: () => {
        throw new IngestError('journal-full', 'No room');
      },
      fail: () => {
        throw Object.assign(new TypeError('told to fail'), { code: 'EXAMPLE' });
      },
      column: (_progress, n) => {
        const column = new Float64Array(n).fill(n);
        kept.push(column.buffer);
        return { column };
      },
    },
    (value) => (typeof value === 'object' && value !== null ? [kept.at(-1)!] : []),
  );
  return { caller: createCaller<TestCalls>(toPort(channel.port2)), kept };
}

describe('createCaller and serveCalls', () => {
  it('call answers each call with its own result, in whatever order they end', async () => {
    const { caller } = connect();
    const sums = await Promise.all(Array.from({ length: 20 }, (_, i) => caller.call('add', [i, i])));
    expect(sums).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i));
  });

  it('call tells progress before its result', async () => {
    const { caller } = connect();
    const told: number[] = [];
    expect(await caller.call('count', [3], { onProgress: (value) => told.push(value) })).toBe('done');
    expect(told).toEqual([1, 2, 3]);
  });

  it('call rejects with the error that was thrown, its class and its code', async () => {
    const { caller } = connect();
    const refused = await caller.call('refuse', []).catch((error: unknown) => error);
    expect(isIngestError(refused, 'journal-full')).toBe(true);
    await expect(caller.call('fail', [])).rejects.toMatchObject({ message: 'told to fail', code: 'EXAMPLE' });
    await expect(caller.call('toString' as 'fail', [])).rejects.toThrow(/no such function/);
  });

  it('serveCalls hands the buffers over that transferOf names', async () => {
    const { caller, kept } = connect();
    expect((await caller.call('column', [4])).column).toEqual(Float64Array.of(4, 4, 4, 4));
    expect(kept[0]!.byteLength).toBe(0);
  });

  it('fail rejects what waits and what comes later', async () => {
    const { caller } = connect();
    const waiting = caller.call('add', [1, 1]);
    caller.fail(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(caller.call('add', [1, 1])).rejects.toThrow('gone');
  });
});

describe('openDoors whose thread dies', () => {
  const thread = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const started = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ started: {} });`;

  it.each([
    [
      'throws',
      `${started} parentPort.on('message', () => { throw new Error('told to die'); });`,
      /told to die/,
    ],
    ['exits', `${started} parentPort.on('message', () => process.exit(3));`, /exit code 3/],
  ])('onFault hears of a thread that %s, once, and calls reject', async (_name, code, message) => {
    const doors = await openDoors(doorsOptions('/nowhere'), thread(code));
    const faults: Error[] = [];
    doors.onFault((error) => faults.push(error));
    await expect(doors.metrics()).rejects.toMatchObject({ code: 'thread-died' });
    await expect(doors.raw(1)).rejects.toMatchObject({ code: 'thread-died' });
    expect(faults.map((fault) => fault.message)).toEqual([expect.stringMatching(message)]);
    const late: Error[] = [];
    doors.onFault((error) => late.push(error));
    expect(late).toEqual(faults);
    await doors.close();
  });

  it('openDoors rejects when the thread ends before it has started', async () => {
    const options = doorsOptions('/nowhere');
    await expect(openDoors(options, thread('process.exit(4)'))).rejects.toMatchObject({
      code: 'thread-died',
    });
    await expect(openDoors(options, thread('throw new Error("early")'))).rejects.toThrow('early');
  });
});
