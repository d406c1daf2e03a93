import { expect, it } from 'vitest';
import { temporaryFolder } from '../journal/journal-fixtures.ts';
import { CITY, doorsOptions, pullToHead } from './doors-fixtures.ts';
import { openDoors } from './open-doors.ts';

it('openDoors serves places in time, release and consumers, and holds them across a restart', {
  timeout: 60_000,
}, async () => {
  const { dir, remove } = await temporaryFolder();
  const send = (receivedAt: number) =>
    ({
      sourceId: 'jingwei-json',
      origin: { transport: 'http', principal: 'air-1', requestId: 'r', contentType: 'application/json' },
      receivedAt,
      bytes: new TextEncoder().encode('{"pm25":1}'),
    }) as const;
  let doors = await openDoors(doorsOptions(dir));
  try {
    await doors.declare(CITY);
    const late = Date.now() + 1_000_000;
    const { position } = await doors.accept(send(late));
    await doors.accept(send(late + 5));
    expect(await doors.positionAt(late)).toBe(position);
    expect(await doors.positionAt(late + 1)).toBe(position + 1);
    const { head } = await doors.metrics();
    expect(await doors.positionAt(late + 6)).toBe(head);
    expect(await doors.registerConsumer('rules')).toMatchObject({ name: 'rules', position: head });
    await doors.advanceConsumer('rules', position);
    expect((await doors.pull(position, 10, 0, 'rules')).from).toBe(position);
    await doors.release(2);
    for (const wrong of [-1, head + 1, 1.5]) {
      await expect(doors.release(wrong)).rejects.toMatchObject({ code: 'consumer-invalid' });
    }
    await expect(doors.advanceConsumer('nobody', 0)).rejects.toMatchObject({ code: 'consumer-unknown' });
    await doors.close();
    doors = await openDoors(doorsOptions(dir));
    expect(await doors.metrics()).toMatchObject({
      journalReleased: 2,
      journalConsumers: [{ name: 'rules', position }],
      journalSegments: 1,
      journalUpkeepFault: null,
      journalDamaged: [],
    });
    expect(await doors.damageAt(0)).toBeUndefined();
    expect(await doors.removeConsumer('rules')).toBe(true);
    expect(await doors.consumers()).toEqual([]);
    expect((await pullToHead(doors)).at(-1)?.to).toBe(head);
  } finally {
    await doors.close();
    await remove();
  }
});
