import { describe, expect, it } from 'vitest';
import { isIngestError } from './ingest-error.ts';
import type { MqttReplayDoor } from './open-declarations.ts';
import { replayMessages } from './replay.ts';

const door: MqttReplayDoor = {
  kind: 'mqtt-replay',
  topic: 'things/{thing}/observations',
  delimiter: ',',
  nulls: ['NA'],
  thingColumn: 'station',
  things: { North: 'air-1', South: 'air-2' },
  time: { columns: ['year', 'month', 'day', 'hour'], formats: ['YYYY M D H'], timezone: 'Asia/Shanghai' },
  values: [
    { column: 'PM2.5', property: 'pm25' },
    { column: 'wd', property: 'wind-direction', codes: { N: 0, E: 90 } },
  ],
};
const HEADER = '"year","month","day","hour","PM2.5","wd","station"\n';
const replay = (rows: string) =>
  [...replayMessages(door, HEADER + rows)].map(({ topic, principal, payload, timeMs }) => ({
    topic,
    principal,
    timeMs,
    ...(JSON.parse(new TextDecoder().decode(payload)) as { time: string; results: Record<string, unknown> }),
  }));

describe('replayMessages', () => {
  it('replayMessages gives each row as its own device, with its own time and no more than it holds', () => {
    expect(replay('2013,3,1,0,4,"E","North"\n2013,3,1,1,NA,"N","South"\n2013,3,1,2,NA,NA,"South"\n')).toEqual(
      [
        {
          topic: 'things/air-1/observations',
          principal: 'air-1',
          timeMs: Date.UTC(2013, 1, 28, 16),
          time: '2013-02-28T16:00:00.000Z',
          results: { pm25: 4, 'wind-direction': 90 },
        },
        {
          topic: 'things/air-2/observations',
          principal: 'air-2',
          timeMs: Date.UTC(2013, 1, 28, 17),
          time: '2013-02-28T17:00:00.000Z',
          results: { 'wind-direction': 0 },
        },
      ],
    );
  });

  it('replayMessages sends a value that is no number as it is: the door refuses it, not the replay', () => {
    expect(replay('2013,3,1,0,many,"NNE","North"\n')[0]?.results).toEqual({
      pm25: 'many',
      'wind-direction': 'NNE',
    });
  });

  it('replayMessages says which row cannot be replayed, and why', () => {
    for (const [rows, why] of [
      ['2013,3,1,0,4,"E","West"\n', 'row 1: no Thing is declared for "West"'],
      ['2013,3,1,0,4,"E","North"\n2013,13,1,0,4,"E","North"\n', 'row 2: Time "2013 13 1 0"'],
      ['2013,3,1\n', 'row 1: Row has 3 fields'],
    ] as const) {
      try {
        replay(rows);
        expect.unreachable();
      } catch (error) {
        expect(isIngestError(error, 'delivery-invalid')).toBe(true);
        expect((error as Error).message).toContain(why);
      }
    }
    expect(() => [...replayMessages(door, 'a,b\n1,2\n')]).toThrow('column "station" is missing');
  });

  it('replayMessages reads files longer than one block whole, and lazily', () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `2013,3,${1 + (i % 28)},${i % 24},${i},"E","North"`,
    );
    expect(replay(`${rows.join('\n')}`).map((message) => message.results.pm25)).toEqual(
      rows.map((_, i) => i),
    );
    const [first] = replayMessages(door, `${HEADER}2013,3,1,0,4,"E","North"\n${'x\n'.repeat(100_000)}`);
    expect(first?.principal).toBe('air-1');
  });
});
