/** A typed array that grows: per-datastream state indexed by the small integer id. Empty places hold `fill`. */
export class GrowingFloat64 {
  #values: Float64Array;
  readonly #fill: number;

  constructor(fill: number, capacity = 1024) {
    this.#fill = fill;
    this.#values = new Float64Array(capacity).fill(fill);
  }

  get(index: number): number {
    return index < this.#values.length ? this.#values[index]! : this.#fill;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      let capacity = this.#values.length;
      while (capacity <= index) capacity *= 2;
      const grown = new Float64Array(capacity).fill(this.#fill);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
  }

  clear(): void {
    this.#values.fill(this.#fill);
  }
}
