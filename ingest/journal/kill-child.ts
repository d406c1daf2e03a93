/**
 * A process that the kill test ends at random: opens the journal in argv[2] and appends without pause, telling each
 * acknowledged text on stdout.
 */
import { writeSync } from 'node:fs';
import { message, openTestJournal } from './journal-fixtures.ts';

const [dir, round] = [process.argv[2]!, process.argv[3]!];
// Small segments, so that a kill also falls into their change.
const journal = await openTestJournal(dir, { segmentBytes: 64 * 1024 });
writeSync(1, 'open\n');
await Promise.all(
  Array.from({ length: 20 }, async (_, sender) => {
    for (let i = 0; ; i++) {
      const text = `${round}:${sender}:${i}`;
      await journal.append(message(text.padEnd(100, '.')));
      // Synchronous: what is told was acknowledged before the kill, whatever happens next.
      writeSync(1, `${text}\n`);
    }
  }),
);
