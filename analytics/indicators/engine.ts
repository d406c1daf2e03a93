import type { FiguresAnswer, IndicatorCard } from '../query/answers.ts';
import { provenanceOf } from '../query/rows.ts';
import type { Scope } from '../query/scope.ts';
import type { FiguresQuery } from '../query/shapes.ts';
import type { StoreInternals } from '../store/internals.ts';

export class FigureEngine {
  readonly cards: readonly IndicatorCard[] = [];
  readonly #internals: StoreInternals;

  constructor(internals: StoreInternals) {
    this.#internals = internals;
  }

  async figures(_scope: Scope, _query: FiguresQuery): Promise<FiguresAnswer> {
    return { figures: [], provenance: provenanceOf(this.#internals.state, [], null, 'latest') };
  }
}
