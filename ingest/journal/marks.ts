/**
 * What of the journal is still needed, and by whom: up to where the index has released it, and where each consumer stands.
 * One small file, replaced as a whole; a promise resolves when the disk has what it asks for.
 */
import { join } from 'node:path';
import { IngestError, isIngestError } from '../ingest-error.ts';
import type { EpochMs, JournalConsumer, Position } from '../model/index.ts';
import type { JournalOptions } from './journal-contract.ts';
import { type JournalFs, readFully } from './journal-fs.ts';

export const MARKS_FILE = 'marks.json';
/** Each holds back the deletion of segments. */
export const MAX_CONSUMERS = 64;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

interface Stored {
  readonly version: 1;
  readonly released: Position;
  readonly consumers: readonly JournalConsumer[];
}

const NOTHING: Stored = { version: 1, released: 0, consumers: [] };

/** The marks of the journal in `dir`; writes of one moment share one file. */
export class JournalMarks {
  readonly #dir: string;
  readonly #fs: JournalFs;
  readonly #clock: () => EpochMs;
  #durable: Stored;
  #wanted: Stored;
  #writing: Promise<void> = Promise.resolve();

  constructor(dir: string, fs: JournalFs, clock: () => EpochMs, stored: Stored) {
    this.#dir = dir;
    this.#fs = fs;
    this.#clock = clock;
    this.#durable = stored;
    this.#wanted = stored;
  }

  /** Below it the index needs nothing any more. */
  get released(): Position {
    return this.#durable.released;
  }

  get consumers(): readonly JournalConsumer[] {
    return this.#durable.consumers;
  }

  /** Below it nobody needs anything: what is on disk of it, and what was asked for since. */
  get needed(): Position {
    const stands = [this.#durable, this.#wanted];
    return Math.min(
      ...stands.map(({ released }) => released),
      ...stands.flatMap(({ consumers }) => consumers.map(({ position }) => position)),
    );
  }

  /** @param position - May be lower than before: an index that is built anew needs more again. */
  release(position: Position): Promise<void> {
    if (position === this.#wanted.released) return this.#writing;
    return this.#want({ ...this.#wanted, released: position });
  }

  /** @throws {IngestError} `consumer-invalid`. A name that is registered already keeps its position. */
  async register(name: string, position: Position): Promise<JournalConsumer> {
    if (!NAME.test(name)) {
      throw new IngestError(
        'consumer-invalid',
        `Cannot register consumer "${name}": a name is 1 to 63 of a-z, 0-9 and -, and begins with a letter`,
      );
    }
    const { consumers } = this.#wanted;
    const known = consumers.find((one) => one.name === name);
    if (known === undefined) {
      if (consumers.length >= MAX_CONSUMERS) {
        throw new IngestError(
          'consumer-invalid',
          `Cannot register consumer "${name}": there are ${consumers.length}, at most ${MAX_CONSUMERS} are allowed`,
        );
      }
      const now = this.#clock();
      const consumer = { name, position, registeredAt: now, advancedAt: now };
      await this.#want({ ...this.#wanted, consumers: [...consumers, consumer] });
      return consumer;
    }
    await this.#writing;
    return known;
  }

  /** @throws {IngestError} `consumer-unknown`. */
  async advance(name: string, position: Position): Promise<void> {
    const known = this.#wanted.consumers.find((one) => one.name === name);
    if (known === undefined) {
      throw new IngestError('consumer-unknown', `Cannot advance consumer "${name}": it is not registered`);
    }
    const moved = { ...known, position, advancedAt: this.#clock() };
    const consumers = this.#wanted.consumers.map((one) => (one.name === name ? moved : one));
    await this.#want({ ...this.#wanted, consumers });
  }

  /** Its segments may go. Resolves with whether there was one. */
  async remove(name: string): Promise<boolean> {
    const consumers = this.#wanted.consumers.filter((one) => one.name !== name);
    if (consumers.length === this.#wanted.consumers.length) return false;
    await this.#want({ ...this.#wanted, consumers });
    return true;
  }

  #want(wanted: Stored): Promise<void> {
    this.#wanted = wanted;
    const write = this.#writing.catch(() => undefined).then(() => this.#write());
    this.#writing = write;
    return write;
  }

  async #write(): Promise<void> {
    const wanted = this.#wanted;
    // Whoever wrote before this one has written it too.
    if (wanted === this.#durable) return;
    const bytes = Buffer.from(`${JSON.stringify(wanted)}\n`, 'utf8');
    const unfinished = join(this.#dir, `${MARKS_FILE}.tmp`);
    const file = await this.#fs.open(unfinished, 'create');
    try {
      await file.write(bytes, bytes.length, 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#fs.rename(unfinished, join(this.#dir, MARKS_FILE));
    await this.#fs.syncDir(this.#dir);
    this.#durable = wanted;
  }
}

/**
 * Reads the marks of a journal.
 *
 * @throws {IngestError} `journal-corrupt` when the file says nothing that makes sense and damage is not to be skipped: it must
 *   not seem in silence that nobody needs anything.
 */
export async function openMarks(
  options: Pick<JournalOptions, 'dir' | 'clock' | 'log' | 'skipDamaged'>,
  fs: JournalFs,
): Promise<JournalMarks> {
  const { dir, clock, log } = options;
  if (!(await fs.list(dir)).includes(MARKS_FILE)) return new JournalMarks(dir, fs, clock, NOTHING);
  try {
    return new JournalMarks(dir, fs, clock, await readMarks(dir, fs));
  } catch (error) {
    if (options.skipDamaged !== true || !isIngestError(error, 'journal-corrupt')) throw error;
    log?.('journal-damaged', { segment: MARKS_FILE, detail: error.message });
    return new JournalMarks(dir, fs, clock, NOTHING);
  }
}

async function readMarks(dir: string, fs: JournalFs): Promise<Stored> {
  const path = join(dir, MARKS_FILE);
  const file = await fs.open(path, 'read');
  try {
    const bytes = Buffer.alloc(await file.size());
    await readFully(file, bytes, 0);
    const stored = JSON.parse(bytes.toString('utf8')) as Partial<Stored>;
    if (stored.version !== 1 || !Number.isSafeInteger(stored.released) || !Array.isArray(stored.consumers)) {
      throw new Error('members are missing');
    }
    return stored as Stored;
  } catch (error) {
    throw new IngestError(
      'journal-corrupt',
      `Cannot read "${path}": ${error instanceof Error ? error.message : String(error)}. Move it away: the index releases again what it does not need, consumers have to be registered again`,
      { cause: error },
    );
  } finally {
    await file.close();
  }
}
