import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileJournal } from '../../journal/journal-contract.ts';
import { temporaryFolder } from '../../journal/journal-fixtures.ts';
import type { Sink } from '../../model/index.ts';
import type { Pipeline } from '../../pipeline-contract.ts';
import { openTestPipeline } from '../../pipeline-fixtures.ts';
import { table } from '../../sources/table.ts';
import { CITY } from '../../worker/doors-fixtures.ts';
import { createFileDoor, type FileDoor } from './file-door.ts';

let dir: string;
let remove: () => Promise<void>;
let journal: FileJournal;
let pipeline: Pipeline;

beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
  ({ journal, pipeline } = await openTestPipeline(join(dir, 'journal'), {}, { sources: { table } }));
  await pipeline.declare(CITY);
});
afterEach(async () => {
  await journal.close();
  await remove();
});

const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' });

/** A door whose second chunk is refused; before and after the disk is well. */
function faltering() {
  let calls = 0;
  const sink: Sink = {
    get pendingBytes() {
      return pipeline.pendingBytes;
    },
    refuse: (...given) => pipeline.refuse(...given),
    accept(raw) {
      calls++;
      return calls === 2 ? Promise.reject(full) : pipeline.accept(raw);
    },
  };
  const declared = () => pipeline.declared;
  return createFileDoor({ sink, declared, sources: { table }, dataDir: dir, clock: () => 1 });
}

async function deliver(door: FileDoor): Promise<unknown> {
  const [mapping] = [...pipeline.declared.mappings()];
  const path = join(dir, 'schools-1.csv');
  const rows = Array.from({ length: 2600 }, (_, i) => `${i},s${i},104.${i},35.5`);
  await writeFile(path, `id,name,lon,lat\n${rows.join('\n')}`);
  return door.deliver(path, 'schools-1.csv', mapping!.id, 'inbox');
}

async function chunksInJournal(): Promise<number[]> {
  // Behind everything that was under way.
  await journal.append({ kind: 'control', at: 1, snapshot: false, declarations: [] });
  const entries = await journal.read(0, 1000);
  return entries.flatMap((entry) =>
    entry.kind === 'message' && entry.raw.origin.transport === 'file' ? [entry.raw.origin.chunk] : [],
  );
}

describe('createFileDoor', () => {
  it('deliver leaves the beginning of a file in the journal when the disk fails for a moment', async () => {
    await expect(deliver(faltering())).rejects.toBe(full);
    // Chunks behind the lost one would let a second try go on after them, without it.
    expect(await chunksInJournal()).toEqual([0]);
  });
});
