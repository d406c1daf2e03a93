/** Rules on a whole delivery, judged before any of its rows is taken. */
import type { DeliveryVerdict, TableMapping } from '../model/index.ts';

/** Distinct coordinates remembered while counting; a delivery with more has no constant one. 8 bytes of text each and more. */
const MAX_DISTINCT = 200_000;

/**
 * Judges the coordinates of a delivery, one call a row, then the verdict. Bounded memory: once there are very many
 * distinct coordinates no new one can hold the share any more that the rule asks for.
 */
export class DeliveryJudge {
  readonly #rules: TableMapping['deliveryRules'];
  readonly #counts = new Map<string, number>();
  #located = 0;

  constructor(mapping: TableMapping) {
    this.#rules = mapping.deliveryRules;
  }

  /** One row's coordinate as its texts came; undefined where the row has none. */
  add(coordinate: string | undefined): void {
    if (coordinate === undefined || this.#rules.length === 0) return;
    this.#located++;
    const count = this.#counts.get(coordinate);
    if (count !== undefined) this.#counts.set(coordinate, count + 1);
    else if (this.#counts.size < MAX_DISTINCT) this.#counts.set(coordinate, 1);
  }

  /** The strictest action of the rules that bite; undefined: nothing to say. */
  verdict(): DeliveryVerdict | undefined {
    let top: readonly [coordinate: string, count: number] = ['', 0];
    for (const entry of this.#counts) if (entry[1] > top[1]) top = entry;
    const order = ['flag', 'hold', 'refuse'] as const;
    const biting = this.#rules
      .filter((rule) => this.#located >= rule.minRows && top[1] / this.#located > rule.share)
      .sort((a, b) => order.indexOf(b.action) - order.indexOf(a.action))[0];
    if (biting === undefined) return undefined;
    const percent = Math.floor((100 * top[1]) / this.#located);
    return {
      disposition: { flag: 'flag', hold: 'held', refuse: 'refused' }[
        biting.action
      ] as DeliveryVerdict['disposition'],
      message: `Delivery has the same coordinate (${top[0]}) in ${top[1]} of ${this.#located} located rows (${percent} %): at most ${biting.share * 100} % may share one`,
    };
  }
}
