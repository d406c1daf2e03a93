import { applyDeclarations, type DeclarationState, NOTHING_DECLARED } from './declarations.ts';
import type { FileJournal } from './journal/journal-contract.ts';
import type { JournalEntry, Position } from './model/index.ts';
import { type DecoderFault, decodeBody, type SourceTable } from './pipeline-decode.ts';
import type { PipelineItem } from './pipeline-recent.ts';

/** Entries read in one go, while those before them are decoded. */
const READ_ENTRIES = 1000;
/** Entries decoded in one go: what the reader does not take at once is kept. */
const STEP_ENTRIES = 50;

/**
 * Reads entries back from disk and decodes them again, each with what was declared when it arrived. Goes on where it
 * stopped; elsewhere it begins with the snapshot at the head of the segment.
 */
export class ReplayCursor {
  readonly #journal: FileJournal;
  readonly #sources: SourceTable;
  readonly #onFault: DecoderFault;
  #state: DeclarationState | undefined;
  /** Position after the last one decoded. */
  #next: Position = -1;
  /** The newest items decoded, which end at `#next`. */
  #decoded: readonly PipelineItem[] = [];
  /** Entries read from `#next` on, from the place `#at` in the list. */
  #entries: readonly JournalEntry[] = [];
  #at = 0;
  #reading: Promise<readonly JournalEntry[]> | undefined;

  constructor(journal: FileJournal, sources: SourceTable, onFault: DecoderFault) {
    this.#journal = journal;
    this.#sources = sources;
    this.#onFault = onFault;
  }

  /** The next items from `position` on, one or more; none at the head. */
  async from(position: Position): Promise<readonly PipelineItem[]> {
    const first = this.#next - this.#decoded.length;
    if (position >= first && position < this.#next) return this.#decoded.slice(position - first);
    if (position !== this.#next) await this.#seek(position);
    if (this.#at === this.#entries.length) await this.#read();
    const end = Math.min(this.#at + STEP_ENTRIES, this.#entries.length);
    const decoded: PipelineItem[] = [];
    while (this.#at < end) decoded.push(this.#itemOf(this.#entries[this.#at++]!));
    this.#decoded = decoded;
    this.#next = position + decoded.length;
    return decoded;
  }

  async #seek(position: Position): Promise<void> {
    // Should reading fail, the next call begins anew.
    this.#next = -1;
    this.#decoded = [];
    this.#entries = [];
    this.#at = 0;
    this.#reading = undefined;
    this.#state = undefined;
    const controls = await this.#journal.controlsBefore(position);
    for (const entry of controls) this.#apply(entry.snapshot, entry.declarations);
    this.#next = position;
  }

  /** Takes the entries from `#next` on, and has those after them read meanwhile. */
  async #read(): Promise<void> {
    const position = this.#next;
    const reading = this.#reading ?? this.#journal.read(position, READ_ENTRIES);
    this.#reading = undefined;
    this.#next = -1;
    this.#entries = await reading;
    this.#at = 0;
    this.#next = position;
    const end = position + this.#entries.length;
    if (this.#entries.length === 0 || end >= this.#journal.head) return;
    this.#reading = this.#journal.read(end, READ_ENTRIES);
    this.#reading.catch(() => undefined);
  }

  #itemOf(entry: JournalEntry): PipelineItem {
    const { position } = entry;
    if (entry.kind === 'control') {
      this.#apply(entry.snapshot, entry.declarations);
      return { kind: 'control', position, snapshot: entry.snapshot, declarations: entry.declarations };
    }
    const context = this.#state ?? NOTHING_DECLARED;
    const decoded = decodeBody(entry, position, this.#sources, context, this.#onFault);
    return { kind: 'entry', position, entry: decoded };
  }

  /** A snapshot repeats what is known already, unless nothing is. */
  #apply(snapshot: boolean, declarations: Parameters<typeof applyDeclarations>[1]): void {
    if (snapshot && this.#state !== undefined) return;
    this.#state = applyDeclarations(this.#state ?? NOTHING_DECLARED, declarations);
  }
}
