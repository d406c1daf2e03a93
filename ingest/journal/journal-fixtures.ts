/** What the journal's tests share: arbitrary entries, temporary folders, a disk that can be told to fail. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Declaration, JournalEntry, JournalEntryBody, Origin } from '../model/index.ts';
import { openJournal } from './file-journal.ts';
import type { FileJournal, JournalOptions } from './journal-contract.ts';
import { type JournalFs, nodeFs } from './journal-fs.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const instant = fc.double({ min: 0, max: 4e12, noNaN: true, noDefaultInfinity: true });

const arbitraryOrigin: fc.Arbitrary<Origin> = fc.oneof(
  fc.record({
    transport: fc.constant('mqtt' as const),
    principal: text,
    clientId: text,
    topic: text,
    qos: fc.constantFrom(0 as const, 1 as const),
    packetId: fc.integer({ min: 0, max: 65_535 }),
    dup: fc.boolean(),
  }),
  fc.record({
    transport: fc.constant('http' as const),
    principal: text,
    requestId: text,
    contentType: text,
  }),
  fc.record(
    {
      transport: fc.constant('file' as const),
      principal: text,
      delivery: text,
      fileName: text,
      chunk: fc.nat(),
      firstRow: fc.nat(),
      verdict: fc.record({ disposition: fc.constantFrom('refused' as const, 'held', 'flag'), message: text }),
    },
    { requiredKeys: ['transport', 'principal', 'delivery', 'fileName', 'chunk', 'firstRow'] },
  ),
);

const arbitraryRaw = fc.record(
  {
    sourceId: text,
    mappingId: text,
    origin: arbitraryOrigin,
    receivedAt: instant,
    bytes: fc.uint8Array({ maxLength: 300 }),
  },
  { requiredKeys: ['sourceId', 'origin', 'receivedAt', 'bytes'] },
);

/** Any entry that a journal takes. */
export const arbitraryBody = fc.oneof(
  fc.record({ kind: fc.constant('message' as const), raw: arbitraryRaw }),
  fc.record({
    kind: fc.constant('refusal' as const),
    raw: arbitraryRaw,
    rejection: fc.constant({
      code: 'too-large' as const,
      message: 'Cannot take message: 10 bytes, must be at most 5',
      disposition: 'refused' as const,
      readings: 0,
    }),
    fullLength: fc.nat(),
    sha256: text,
  }),
  fc.record(
    {
      kind: fc.constant('redelivery' as const),
      sourceId: text,
      origin: arbitraryOrigin,
      receivedAt: instant,
      of: fc.nat(),
      datasets: fc.array(text, { maxLength: 3 }),
      byteLength: fc.nat(),
    },
    { requiredKeys: ['kind', 'sourceId', 'origin', 'receivedAt', 'of'] },
  ),
  fc.record({
    kind: fc.constant('control' as const),
    at: instant,
    snapshot: fc.boolean(),
    declarations: fc.array(text.map(removal), { maxLength: 3 }),
  }),
) as unknown as fc.Arbitrary<JournalEntryBody>;

function removal(id: string): Declaration {
  return { kind: 'remove', body: { kind: 'thing', id } };
}

/** A message with the given text, as a device would send it. */
export function message(content: string, overrides: Partial<Extract<Origin, { transport: 'mqtt' }>> = {}) {
  const origin: Origin = {
    transport: 'mqtt',
    principal: 'a',
    clientId: 'a',
    topic: 'things/a/observations',
    qos: 1,
    packetId: 1,
    dup: false,
    ...overrides,
  };
  const bytes = new TextEncoder().encode(content);
  const raw = { sourceId: 'jingwei-json', origin, receivedAt: 1_700_000_000_000, bytes };
  return { kind: 'message', raw } as const satisfies JournalEntryBody;
}

/** The text of a message entry; `<kind>` of another. */
export function contentOf(entry: JournalEntry): string {
  return entry.kind === 'message' ? new TextDecoder().decode(entry.raw.bytes) : `<${entry.kind}>`;
}

/** A new folder, removed by `using`-like cleanup. */
export async function temporaryFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'jingwei-journal-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Opens a journal with small, quick settings. */
export function openTestJournal(dir: string, overrides: Partial<JournalOptions> = {}): Promise<FileJournal> {
  return openJournal({
    dir,
    segmentBytes: 1024 * 1024,
    groupCommitMs: 0,
    minFreeBytes: 0,
    clock: () => 1_700_000_000_000,
    snapshot: () => [],
    onControl: () => undefined,
    ...overrides,
  });
}

/** A disk that counts, and fails when it is told to. */
export interface FaultyFs extends JournalFs {
  /** Errors thrown by the next operations of this kind; `write` errors come after half the bytes were written. */
  fail: { write?: string; datasync?: string; create?: string; syncDir?: string };
  free: number;
  readonly counts: { write: number; datasync: number };
}

export function createFaultyFs(): FaultyFs {
  const counts = { write: 0, datasync: 0 };
  const raise = (code: string | undefined) => {
    if (code !== undefined) throw Object.assign(new Error(`${code}: told to fail`), { code });
  };
  const faulty: FaultyFs = {
    ...nodeFs,
    fail: {},
    free: Number.POSITIVE_INFINITY,
    counts,
    freeBytes: async () => faulty.free,
    syncDir: async (dir) => {
      raise(faulty.fail.syncDir);
      await nodeFs.syncDir(dir);
    },
    open: async (path, mode) => {
      if (mode === 'create') raise(faulty.fail.create);
      const file = await nodeFs.open(path, mode);
      return {
        ...file,
        write: async (bytes, length, offset) => {
          counts.write++;
          if (faulty.fail.write !== undefined) await file.write(bytes, length >> 1, offset);
          raise(faulty.fail.write);
          await file.write(bytes, length, offset);
        },
        datasync: async () => {
          counts.datasync++;
          raise(faulty.fail.datasync);
          await file.datasync();
        },
      };
    },
  };
  return faulty;
}
