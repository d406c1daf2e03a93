/**
 * A process that loads, seals, merges and rolls up until it is killed, saying each thing before and after it does it:
 * `<word> <position>` a line. What it says is done has to be there when the index is opened again.
 *
 * node --import tsx scripts/testing/index-kill-child.ts <data folder> <until entry> <seed>
 */
import { writeSync } from 'node:fs';
import { indexDoings } from './index-doings.ts';

const [folder, until, seed] = process.argv.slice(2);
// Written at once, whatever becomes of the process.
await indexDoings(folder!, Number(until), Number(seed), (word, position) =>
  writeSync(1, `${word} ${position}\n`),
);
