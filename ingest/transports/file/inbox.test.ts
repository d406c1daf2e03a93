import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileJournal } from '../../journal/journal-contract.ts';
import { temporaryFolder } from '../../journal/journal-fixtures.ts';
import type { Sink } from '../../model/index.ts';
import type { Pipeline } from '../../pipeline-contract.ts';
import { openTestPipeline } from '../../pipeline-fixtures.ts';
import { table } from '../../sources/table.ts';
import { CITY } from '../../worker/doors-fixtures.ts';
import { createFileDoor } from './file-door.ts';
import { startInbox } from './inbox.ts';
import { mappingFor } from './inbox-mapping.ts';

let dir: string;
let inboxDir: string;
let remove: () => Promise<void>;
let journal: FileJournal;
let pipeline: Pipeline;

beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
  inboxDir = join(dir, 'inbox');
  await mkdir(inboxDir);
  ({ journal, pipeline } = await openTestPipeline(join(dir, 'journal'), {}, { sources: { table } }));
  await pipeline.declare(CITY);
});
afterEach(async () => {
  await journal.close();
  await remove();
});

const sources = { table };

/** An inbox that looks only when it is told to. */
async function open(sink: Sink = pipeline) {
  const declared = () => pipeline.declared;
  const fileDoor = createFileDoor({ sink, declared, sources, dataDir: dir, clock: () => 1 });
  const told: { event: string; name: unknown }[] = [];
  let now = 0;
  const inbox = await startInbox({
    dir: inboxDir,
    pollMs: 1e8,
    dataDir: dir,
    fileDoor,
    journal,
    declared,
    graceMs: 60_000,
    now: () => now,
    log: (event, { name }) => told.push({ event, name }),
  });
  return {
    ...inbox,
    told,
    pass: (ms: number) => {
      now += ms;
    },
    /** Two looks: the size must have been the same before. */
    look: async () => {
      await inbox.poll();
      await inbox.poll();
    },
  };
}

/** A sink that goes away after so many chunks, as in a crash or under a full disk. */
function breakingSink(after: number, error: Error): Sink {
  let count = 0;
  return {
    ...pipeline,
    pendingBytes: 0,
    refuse: (...args) => pipeline.refuse(...args),
    accept: (raw) => (count++ < after ? pipeline.accept(raw) : Promise.reject(error)),
  };
}

async function chunksInJournal(): Promise<number[]> {
  const entries = await journal.read(0, 10_000);
  return entries.flatMap((entry) =>
    entry.kind === 'message' && entry.raw.origin.transport === 'file' ? [entry.raw.origin.chunk] : [],
  );
}

const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' });
const rows = (count: number) =>
  `id,name,lon,lat\n${Array.from({ length: count }, (_, i) => `${i},s${i},104.${i},35.5`).join('\n')}`;

describe('startInbox', () => {
  it('startInbox goes on after the last chunk in the journal when a delivery was interrupted', async () => {
    await writeFile(join(inboxDir, 'schools-1.csv'), rows(2600));
    const first = await open(breakingSink(3, full));
    await first.look();
    await first.close();
    expect(await readdir(inboxDir)).toContain('schools-1.csv');
    expect(await chunksInJournal()).toEqual([0, 1, 2]);
    const second = await open();
    await second.look();
    await second.close();
    expect(await chunksInJournal()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await readdir(join(inboxDir, '.done'))).toEqual(['schools-1.csv']);
  });

  it('startInbox moves a file whose rows are all in the journal without taking them twice', async () => {
    const inbox = await open();
    await writeFile(join(inboxDir, 'schools-1.csv'), rows(10));
    // As after a crash between the last chunk and the move: the mark says complete, the file is still here.
    const marks = join(dir, 'deliveries');
    await inbox.poll();
    const before = await open(breakingSink(0, full));
    await before.look();
    await before.close();
    const [mark] = await readdir(marks);
    const begun = JSON.parse(await readFile(join(marks, mark!), 'utf8')) as object;
    await writeFile(join(marks, mark!), JSON.stringify({ ...begun, state: 'complete' }));
    await inbox.look();
    expect(await chunksInJournal()).toEqual([]);
    expect(await readdir(join(inboxDir, '.done'))).toEqual(['schools-1.csv']);
    // Laid down again on purpose it is a new delivery.
    await rename(join(inboxDir, '.done', 'schools-1.csv'), join(inboxDir, 'schools-1.csv'));
    await inbox.look();
    expect(await chunksInJournal()).toEqual([0]);
    expect(await readdir(marks)).toEqual([]);
    await inbox.close();
  });

  it('startInbox begins anew when the mapping has changed since, for the chunks are others', async () => {
    await writeFile(join(inboxDir, 'schools-1.csv'), rows(1200));
    const first = await open(breakingSink(1, full));
    await first.look();
    await first.close();
    const mapping = CITY.find((one) => one.kind === 'mapping')!;
    await pipeline.declare([{ ...mapping, body: { ...mapping.body, nulls: ['-'] } } as typeof mapping]);
    const second = await open();
    await second.look();
    await second.close();
    expect(await chunksInJournal()).toEqual([0, 0, 1, 2]);
  });

  it('startInbox waits while a file grows and keeps files of one name apart when they are done', async () => {
    const inbox = await open();
    const path = join(inboxDir, 'schools-1.csv');
    await writeFile(path, rows(3));
    await inbox.poll();
    await writeFile(path, rows(4));
    await inbox.poll();
    expect(await chunksInJournal()).toEqual([]);
    await inbox.poll();
    expect(await chunksInJournal()).toEqual([0]);
    await writeFile(path, rows(5));
    await inbox.look();
    expect((await readdir(join(inboxDir, '.done'))).sort()).toEqual(['2-schools-1.csv', 'schools-1.csv']);
    await inbox.close();
  });

  it('startInbox lets a file wait until its mapping is declared, and takes it then without another look', async () => {
    const inbox = await open();
    await writeFile(join(inboxDir, 'clinics-1.csv'), rows(3));
    await inbox.poll();
    const mapping = CITY.find((one) => one.kind === 'mapping')!;
    const clinics = { ...mapping, body: { ...mapping.body, id: 'clinics', files: ['clinics*.csv'] } };
    await inbox.poll();
    inbox.pass(59_000);
    await inbox.poll();
    await inbox.onDeclared();
    expect(await readdir(inboxDir)).toContain('clinics-1.csv');
    expect(await chunksInJournal()).toEqual([]);
    await pipeline.declare([clinics as typeof mapping]);
    await inbox.onDeclared();
    expect(await chunksInJournal()).toEqual([0]);
    expect(await readdir(join(inboxDir, '.done'))).toEqual(['clinics-1.csv']);
    expect(inbox.told.map((one) => one.event)).toEqual(['inbox-undeclared', 'inbox-taken', 'inbox-done']);
    await inbox.close();
  });

  it('startInbox sets a file aside that no mapping took within the grace; a name laid down anew waits anew', async () => {
    const inbox = await open();
    for (let round = 0; round < 2; round++) {
      await writeFile(join(inboxDir, 'unknown.csv'), rows(3));
      await inbox.look();
      inbox.pass(59_999);
      await inbox.poll();
      expect(await readdir(inboxDir)).toContain('unknown.csv');
      inbox.pass(1);
      await inbox.poll();
      expect(await readdir(inboxDir)).not.toContain('unknown.csv');
    }
    const reason = await readFile(join(inboxDir, '.failed', '2-unknown.csv.reason.txt'), 'utf8');
    expect(reason).toMatch(/No declared mapping .* not within 60 s/);
    expect(inbox.told.map((one) => one.event)).toEqual([
      'inbox-undeclared',
      'inbox-failed',
      'inbox-undeclared',
      'inbox-failed',
    ]);
    await inbox.close();
  });

  it('startInbox takes no link to a file that lies elsewhere', async () => {
    const inbox = await open();
    await writeFile(join(dir, 'secret'), rows(3));
    await symlink(join(dir, 'secret'), join(inboxDir, 'schools-1.csv'));
    await inbox.look();
    expect(await chunksInJournal()).toEqual([]);
    await inbox.close();
  });

  it('startInbox sets a file aside with the reason when it fails for good', async () => {
    const inbox = await open(breakingSink(0, new Error('no good')));
    await writeFile(join(inboxDir, 'schools-1.csv'), rows(3));
    await inbox.look();
    expect(await readFile(join(inboxDir, '.failed', 'schools-1.csv.reason.txt'), 'utf8')).toBe('no good\n');
    await inbox.close();
  });
});

describe('mappingFor', () => {
  it.each([
    ['schools.csv', 'exact'],
    ['schools-2.csv', 'schools'],
    ['schools-a-b.csv', 'middle'],
    ['other.csv', 'any'],
    ['schools-2.txt', undefined],
  ])('mappingFor gives %s to the pattern that says most: %s', (name, id) => {
    const mapping = (one: string, ...files: string[]) => ({ id: one, files });
    const mappings = [
      mapping('any', '*.csv'),
      mapping('schools', 'schools*.csv'),
      mapping('middle', 'schools*-*-*.csv'),
      mapping('exact', 'schools.csv'),
    ];
    expect(mappingFor(name, { mappings: () => mappings as never })?.id).toBe(id);
  });
});
