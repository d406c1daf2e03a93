import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDoorLog, type DoorLog, MAX_LINES, MAX_TEXT_CHARS, placeOf, WINDOW_MS } from './door-log.ts';

let lines: Parameters<DoorLog>[];
const write: DoorLog = (...line) => lines.push(line);
beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it('createDoorLog bounds the lines a stranger can cause, by reason, and tells how many were left out', () => {
  const log = createDoorLog(write);
  for (let i = 0; i < 1000; i++) log('mqtt-connect-refused', { reason: 'bad-credentials', user: `u${i}` });
  log('mqtt-connect-refused', { reason: 'anonymous' });
  expect(lines).toHaveLength(MAX_LINES + 1);
  expect(lines.at(-1)![1]).toEqual({ event: 'mqtt-connect-refused', reason: 'anonymous' });
  vi.advanceTimersByTime(WINDOW_MS);
  expect(lines.slice(MAX_LINES + 1)).toEqual([
    [
      'warn',
      { event: 'mqtt-connect-refused', reason: 'bad-credentials', suppressed: 1000 - MAX_LINES },
      'a device was not let in',
    ],
  ]);
  log('mqtt-connect-refused', { reason: 'bad-credentials' });
  expect(lines).toHaveLength(MAX_LINES + 3);
  expect(vi.getTimerCount()).toBe(1);
});

it('createDoorLog cuts long texts and tells everyday ends of a connection at info', () => {
  const log = createDoorLog(write);
  log('mqtt-closed', { reason: 'malformed', client: 'x'.repeat(65_000), detail: undefined });
  log('mqtt-closed', { reason: 'keep-alive', client: '' });
  const [malformed, everyday] = lines;
  expect(malformed![0]).toBe('warn');
  expect(String(malformed![1].client)).toHaveLength(MAX_TEXT_CHARS + 1);
  expect(malformed![1]).not.toHaveProperty('detail');
  expect(everyday!.slice(0, 2)).toEqual(['info', { event: 'mqtt-closed', reason: 'keep-alive' }]);
});

it('placeOf tells where an error was thrown, not what it quotes', () => {
  const caught = (): unknown => {
    try {
      return JSON.parse('{"secret": x}');
    } catch (error) {
      return error;
    }
  };
  const told = placeOf(caught());
  expect(told.error).toBe('SyntaxError');
  expect(told.at[0]).toMatch(/^at JSON\.parse/);
  expect(JSON.stringify(told)).not.toContain('secret');
  expect(placeOf('secret')).toEqual({ error: 'string', at: [] });
});
