/** The journal's segments into a backup: closed ones as they are, the growing one up to a position. */
import { join } from 'node:path';
import { inspectSegment, type SegmentFile, segmentFiles } from '../../ingest/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import { BackupError } from './backup-error.ts';
import type { BackupWriter, WantedFile } from './backup-writer.ts';

/** Beside the segments: what the index has released, and where each consumer stands. */
const MARKS = 'marks.json';

/**
 * Takes segments in two passes. What the first pass took may leave the journal afterwards (its rows lie in sealed parts by
 * then); the second adds what came since, up to the position of the backup. So parts that are taken in between always
 * find the journal behind them without a gap.
 */
export class JournalTake {
  readonly #dir: string;
  readonly #writer: BackupWriter;
  /** Path in the backup by first position. */
  readonly #taken = new Map<Position, string>();
  /** The segment that grew during the first pass. */
  #growing: Position | undefined;

  constructor(dir: string, writer: BackupWriter) {
    this.#dir = dir;
    this.#writer = writer;
  }

  /** Oldest position taken. */
  get from(): Position {
    return this.#taken.size === 0 ? 0 : Math.min(...this.#taken.keys());
  }

  /** What is there now, for an estimate of the space. */
  async wanted(): Promise<readonly WantedFile[]> {
    const segments = await segmentFiles(this.#dir);
    return segments.map(({ name }, i) => ({
      path: `journal/${name}`,
      source: join(this.#dir, name),
      immutable: i < segments.length - 1,
    }));
  }

  /**
   * All closed segments, and which consumers stand where. The marks first: what they release is sealed by the time the
   * parts are taken.
   */
  async first(): Promise<void> {
    const marks = { path: `journal/${MARKS}`, source: join(this.#dir, MARKS), immutable: false };
    await this.#writer.take(marks).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    const segments = await segmentFiles(this.#dir);
    this.#growing = segments.at(-1)?.first;
    for (const segment of segments.slice(0, -1)) {
      const there = await this.#take(segment);
      if (there) continue;
      // Deleted because all its rows are sealed: then so are those of every segment before it.
      for (const path of this.#taken.values()) await this.#writer.drop(path);
      this.#taken.clear();
    }
  }

  /**
   * Everything below `position`.
   *
   * @throws {BackupError} `source-changed` when segments came and went between the passes; `source-damaged`.
   */
  async rest(position: Position): Promise<void> {
    const all = await segmentFiles(this.#dir);
    const segments = all.filter(({ first }) => first < position);
    const last = segments.at(-1);
    if (last === undefined) return;
    if (this.#growing !== undefined && !all.some(({ first }) => first === this.#growing)) {
      throw new BackupError(
        'source-changed',
        'Cannot take the journal: segments were written and deleted while the backup read it',
      );
    }
    for (const segment of segments.slice(0, -1)) {
      if (this.#taken.has(segment.first) || (this.#taken.size > 0 && segment.first < this.from)) continue;
      if (!(await this.#take(segment)))
        throw new BackupError(
          'source-changed',
          `Cannot take the journal: segment "${segment.name}" was deleted meanwhile`,
        );
    }
    // One that was closed already ends where the next one, which holds nothing durable yet, begins.
    if (!this.#taken.has(last.first)) await this.#takeLast(last, position);
  }

  async #takeLast(segment: SegmentFile, position: Position): Promise<void> {
    // What was the growing one a moment ago may be packed by now: then it is closed, and ends where it must.
    if (segment.form === 'packed') {
      if (await this.#take(segment)) return;
      throw new BackupError('source-changed', `Cannot take the journal: "${segment.name}" went meanwhile`);
    }
    const report = await inspectSegment(this.#dir, segment, position);
    if (report.next !== position) {
      throw new BackupError(
        'source-damaged',
        `Cannot take segment "${join(this.#dir, segment.name)}": its entries are whole up to ${report.next}, ${position} were acknowledged (${report.fault ?? 'it ends early'})`,
      );
    }
    const path = `journal/${segment.name}`;
    const source = join(this.#dir, segment.name);
    await this.#writer.take({ path, source, immutable: false, limit: report.wholeBytes });
    this.#taken.set(segment.first, path);
  }

  /** False when the segment is not in the journal any more, in neither form. */
  async #take(segment: SegmentFile): Promise<boolean> {
    const path = `journal/${segment.name}`;
    try {
      await this.#writer.take({ path, source: join(this.#dir, segment.name), immutable: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const packed = (await segmentFiles(this.#dir)).find(({ first }) => first === segment.first);
      return packed !== undefined && packed.form !== segment.form && this.#take(packed);
    }
    this.#taken.set(segment.first, path);
    return true;
  }
}

/**
 * Position after the last whole entry of a journal at rest.
 *
 * @throws {BackupError} `source-damaged` when a segment that is not the last one's torn end cannot be read.
 */
export async function journalEnd(dir: string): Promise<Position> {
  const segments = await segmentFiles(dir);
  for (const segment of segments.toReversed()) {
    const { next, fault } = await inspectSegment(dir, segment);
    // A crash may have begun a segment and written nothing whole into it.
    if (next > segment.first || segment === segments[0]) return next;
    if (fault === null) return next;
  }
  return 0;
}
