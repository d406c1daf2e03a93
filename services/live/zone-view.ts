import type { Access, CommitDelta, Queries, ZoneColumns } from '../../analytics/index.ts';
import type { LiveColumn } from '../../viz/schema/index.ts';

/** What a zone view is of. `level` is the one asked; an `Access` may make it coarser. */
export interface ZoneSubject {
  readonly dggrs: 'h3' | 'beidou2d';
  readonly level: number;
  readonly property: string;
}

/** Zones change without a commit when their newest reading grows too old: looked for this often, ms. */
const EXPIRY_SWEEP_MS = 5_000;

export type ZoneFrameColumns = {
  readonly id: BigUint64Array;
  readonly mean: Float32Array;
  readonly count: Uint32Array;
  readonly newest: Float64Array;
} & Record<string, LiveColumn>;

/**
 * The latest values of one property by zone, shared by all clients that look at it with the same rights. It knows the
 * whole and the difference to the version before, so a client that keeps up is sent only what changed.
 */
export class ZoneView {
  readonly subject: ZoneSubject;
  /** One more with every change of any zone. 0: nothing computed yet. */
  version = 0;
  #access: Access;
  #queries: Queries;
  #dirty = true;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #whole: ZoneColumns | undefined;
  #change: ZoneFrameColumns | undefined;

  constructor(queries: Queries, access: Access, subject: ZoneSubject) {
    this.#queries = queries;
    this.#access = access;
    this.subject = subject;
  }

  /** Marks the view when a commit touched its property. */
  note(delta: CommitDelta): void {
    if (this.#queries.propertiesIn(this.#access, delta).has(this.subject.property)) this.#dirty = true;
  }

  /** Computes again when something may have changed. @returns whether the version is new. */
  refresh(now: number): boolean {
    if (!this.#dirty && now - this.#refreshedAt < EXPIRY_SWEEP_MS) return false;
    this.#dirty = false;
    this.#refreshedAt = now;
    const before = this.#whole;
    const after = this.#queries.zoneColumns(this.#access, this.subject);
    const change = zoneChange(before, after);
    if (before !== undefined && change.id.length === 0) return false;
    this.#whole = after;
    this.#change = before === undefined || before.level !== after.level ? undefined : change;
    this.version += 1;
    return true;
  }

  /** The level really shown. */
  get level(): number {
    return this.#whole?.level ?? this.subject.level;
  }

  /** What a client at version `held` lacks; undefined when it is up to date. */
  since(held: number): { readonly full: boolean; readonly columns: ZoneFrameColumns } | undefined {
    if (this.#whole === undefined || held === this.version) return undefined;
    if (held === this.version - 1 && this.#change !== undefined)
      return { full: false, columns: this.#change };
    const { id, mean, count, newest } = this.#whole;
    return { full: true, columns: { id, mean, count, newest } };
  }
}

/**
 * Zones whose value, count or newest time differ between two versions; a zone that is gone comes with count 0.
 * Work is linear in the number of zones.
 */
export function zoneChange(before: ZoneColumns | undefined, after: ZoneColumns): ZoneFrameColumns {
  const held = new Map<bigint, number>();
  for (let row = 0; row < (before?.n ?? 0); row += 1) held.set(before!.id[row]!, row);
  const changed: number[] = [];
  for (let row = 0; row < after.n; row += 1) {
    const id = after.id[row]!;
    const old = held.get(id);
    held.delete(id);
    if (old === undefined || !sameZone(before!, old, after, row)) changed.push(row);
  }
  const n = changed.length + held.size;
  const columns = {
    id: new BigUint64Array(n),
    mean: new Float32Array(n),
    count: new Uint32Array(n),
    newest: new Float64Array(n),
  };
  changed.forEach((row, index) => {
    columns.id[index] = after.id[row]!;
    columns.mean[index] = after.mean[row]!;
    columns.count[index] = after.count[row]!;
    columns.newest[index] = after.newest[row]!;
  });
  let index = changed.length;
  for (const id of held.keys()) columns.id[index++] = id;
  return columns;
}

function sameZone(a: ZoneColumns, rowA: number, b: ZoneColumns, rowB: number): boolean {
  return (
    a.mean[rowA] === b.mean[rowB] && a.count[rowA] === b.count[rowB] && a.newest[rowA] === b.newest[rowB]
  );
}
