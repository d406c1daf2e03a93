import { applyDeclarations, type DeclarationState, NOTHING_DECLARED } from './declarations.ts';
import type { Declaration, Position } from './model/index.ts';

/**
 * The state as of the newest entry given to the journal, and the way back while entries are not yet on disk: a message
 * is decoded by what was declared before it in the journal, and a declaration that the disk refused was never made.
 */
export class DeclarationHistory {
  #current: DeclarationState = NOTHING_DECLARED;
  /** States before the control entries that are not on disk yet, oldest first. */
  #unsettled: { readonly position: Position; readonly before: DeclarationState }[] = [];

  get current(): DeclarationState {
    return this.#current;
  }

  /** A control entry read back from the journal. */
  replay(declarations: readonly Declaration[]): void {
    this.#current = applyDeclarations(this.#current, declarations);
  }

  /** A control entry just taken by the journal at `position`. */
  apply(position: Position, declarations: readonly Declaration[]): void {
    this.#unsettled.push({ position, before: this.#current });
    this.#current = applyDeclarations(this.#current, declarations);
  }

  /** Everything below `head` is on disk. */
  settle(head: Position): void {
    while (this.#unsettled.length > 0 && this.#unsettled[0]!.position < head) this.#unsettled.shift();
  }

  /** Nothing from `head` on was written. */
  rollBack(head: Position): void {
    const first = this.#unsettled.find((one) => one.position >= head);
    if (first === undefined) return;
    this.#current = first.before;
    this.#unsettled = this.#unsettled.filter((one) => one.position < head);
  }
}
