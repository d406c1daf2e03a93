import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState, type State } from '../state/index.ts';
import { type AuditRecord, createAudit } from './index.ts';

let state: State;
beforeEach(async () => {
  state = await openState(':memory:');
});
afterEach(() => state.destroy());

const line = (n: number): AuditRecord => ({
  who: `user ${n}`,
  action: 'login',
  subject: 's',
  detail: { n },
  sourceAddress: '127.0.0.1',
  at: n,
});

describe('createAudit', () => {
  it('keeps lines written at once in one unbroken chain', async () => {
    const audit = createAudit(state);
    await Promise.all(Array.from({ length: 20 }, (_, n) => audit.record(line(n))));
    const lines = await audit.list(100);
    expect(lines.map((one) => one.seq)).toEqual(Array.from({ length: 20 }, (_, n) => 20 - n));
    expect(lines[19]!.previousHash).toBe('0'.repeat(64));
    for (let i = 0; i < 19; i++) expect(lines[i]!.previousHash).toBe(lines[i + 1]!.hash);
    expect((await audit.list(3, 10)).map((one) => one.seq)).toEqual([9, 8, 7]);
    expect(await audit.verify()).toBeNull();
  });

  it.each([
    ['changed', 3],
    ['removed', 3],
  ])('finds a line that was %s', async (how, seq) => {
    const audit = createAudit(state);
    for (let n = 1; n <= 5; n++) await audit.record(line(n));
    if (how === 'changed')
      await state.updateTable('audit').set({ who: 'nobody' }).where('seq', '=', seq).execute();
    else await state.deleteFrom('audit').where('seq', '=', seq).execute();
    expect(await audit.verify()).toBe(seq);
  });

  it('goes on after a line that could not be kept', async () => {
    const audit = createAudit(state);
    const broken = { ...line(1), detail: { n: 1n } as unknown as AuditRecord['detail'] };
    await expect(audit.record(broken)).rejects.toThrow();
    await audit.record(line(2));
    expect((await audit.list(10)).map((one) => one.who)).toEqual(['user 2']);
  });
});
