import { applyDeclarations, type DeclarationState, NOTHING_DECLARED } from './declarations.ts';
import type { FileJournal } from './journal/journal-contract.ts';
import type { Position } from './model/index.ts';
import { type DecoderFault, decodeBody, type SourceTable } from './pipeline-decode.ts';
import type { PipelineItem } from './pipeline-recent.ts';

/** Entries read and decoded in one go: between two of them the doors get their turn. */
const STEP_ENTRIES = 200;

/**
 * Reads entries back from disk and decodes them again, each with what was declared when it arrived. Goes on where it
 * stopped; elsewhere it begins with the snapshot at the head of the segment.
 */
export class ReplayCursor {
  readonly #journal: FileJournal;
  readonly #sources: SourceTable;
  readonly #onFault: DecoderFault;
  #state: DeclarationState | undefined;
  #next: Position = -1;
  #ahead: PipelineItem[] = [];

  constructor(journal: FileJournal, sources: SourceTable, onFault: DecoderFault) {
    this.#journal = journal;
    this.#sources = sources;
    this.#onFault = onFault;
  }

  /** The next items from `position` on, one or more; none at the head. */
  async from(position: Position): Promise<readonly PipelineItem[]> {
    const first = this.#ahead[0]?.position ?? this.#next;
    if (position >= first && position < this.#next) return this.#ahead.slice(position - first);
    if (position !== this.#next) {
      this.#state = undefined;
      const controls = await this.#journal.controlsBefore(position);
      for (const entry of controls) this.#apply(entry.snapshot, entry.declarations);
    }
    this.#ahead = [];
    // Should reading fail, the next call begins anew.
    this.#next = -1;
    for (const entry of await this.#journal.read(position, STEP_ENTRIES)) {
      this.#ahead.push(this.#itemOf(entry));
    }
    this.#next = position + this.#ahead.length;
    return this.#ahead;
  }

  #itemOf(entry: Awaited<ReturnType<FileJournal['read']>>[number]): PipelineItem {
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
