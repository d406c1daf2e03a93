import { describe, expect, it } from 'vitest';
import { POSITION_FIELDS } from './ndjson-encode.ts';
import { encodePlan } from './plan.ts';
import { createStreamCoder, MAX_STREAMS } from './stream-coder.ts';

const request = {
  direction: 'encode',
  form: 'ndjson',
  plan: encodePlan({ codes: ['h3:5'] }),
  fields: POSITION_FIELDS,
} as const;
const line = Buffer.from('{"lon":1,"lat":2}\n');

describe('createStreamCoder', () => {
  it('createStreamCoder keeps streams apart, answers each in order, and bounds their number', async () => {
    const coder = createStreamCoder(() => undefined);
    const sessions = Array.from({ length: MAX_STREAMS }, () => coder.open(request));
    expect(() => coder.open(request)).toThrow(/16 streams are being coded/);
    const answers = await Promise.all(
      sessions.flatMap((session, i) => [
        session.push(Buffer.from(`{"n":${i},"lon":1,`)),
        session.push(Buffer.from('"lat":2}\n{"lon":9}\n')),
        session.end(),
      ]),
    );
    for (const [i, session] of sessions.entries()) {
      const text = Buffer.concat(answers.slice(3 * i, 3 * i + 3)).toString();
      expect(text).toMatch(
        new RegExp(`^\\{"n":${i},"lon":1,"lat":2,"code":"85[^\\n]*\\n\\{"error"[^\\n]*\\n$`),
      );
      expect(session.account).toEqual({ rows: 2, refused: 1 });
      session.close();
      session.close();
    }
    expect(coder.counts).toEqual({ rows: 32, refused: 16, open: 0, turnedAway: 1 });
    await coder.close();
  });

  it('createStreamCoder keeps the thread of an open stream, and fails one whose thread has ended', async () => {
    const coder = createStreamCoder(() => undefined, { idleMs: 10 });
    const first = coder.open(request);
    await first.push(line);
    first.close();
    const late = coder.open(request);
    // The thread of an idle coder is ended: the stream that begins meanwhile keeps it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await late.push(line)).byteLength).toBeGreaterThan(0);
    await coder.close();
    await expect(late.push(line)).rejects.toThrow(/ended with exit code/);
    late.close();
    expect(() => coder.open(request)).toThrow(/stopping/);
  });

  it('createStreamCoder ends a thread that owes an answer for too long, and only the streams of its kind', async () => {
    const faults: Error[] = [];
    const coder = createStreamCoder((error) => faults.push(error), { answerMs: 20_000 });
    const text = coder.open(request);
    expect((await text.push(line)).byteLength).toBeGreaterThan(0);
    const impatient = createStreamCoder((error) => faults.push(error), { answerMs: 1 });
    const lost = impatient.open({ ...request, form: 'arrow' });
    await expect(lost.push(line)).rejects.toThrow(/answered nothing for 1 ms/);
    lost.close();
    await expect.poll(() => faults.length).toBe(1);
    // Another begins in a thread of its own.
    const arrow = coder.open({ ...request, form: 'arrow' });
    const broken = arrow.push(Buffer.from('no Arrow')).then(() => arrow.end());
    await expect(broken).rejects.toMatchObject({ code: 'file-invalid' });
    expect((await text.push(line)).byteLength).toBeGreaterThan(0);
    for (const session of [arrow, text]) session.close();
    await Promise.all([coder.close(), impatient.close()]);
  });
});
