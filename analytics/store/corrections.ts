/** One value said of an instant, and how long after the instant it was known: of one instant, later means greater. */
export interface Version {
  readonly delayMs: number;
  readonly result: number;
}

/** What is stored of one instant of a datastream that declares corrections. */
export interface HeldInstant<V extends Version> {
  /** What stands. One, unless readings came before corrections were declared; in order of arrival. */
  readonly standing: readonly V[];
  /** Kept for audit; `restated`: it says what stood when it came, at a later resultTime. */
  readonly audit: readonly (Version & { readonly restated: boolean })[];
}

export interface Settled<V extends Version, A extends Version> {
  /** The arrival that stands now; undefined when what stood still stands. */
  readonly stands: A | undefined;
  /** Stored versions that stand no longer, and by which arrival. */
  readonly overtaken: readonly { readonly version: V; readonly by: A }[];
  /** Arrivals that go straight to the audit, and by which they were overtaken: by themselves when they were late. */
  readonly audit: readonly { readonly version: A; readonly by: A }[];
  /** The newest arrival that only says again what stands, later than anything before it. */
  readonly restated: A | undefined;
  /** Arrivals that say nothing new; `restated` is one of them. */
  readonly duplicates: readonly A[];
}

/**
 * The rule of corrections for one instant, arrivals in order. The later resultTime stands, of equals the later arrival.
 *
 * - A version that is known, in value and resultTime, is a duplicate; so is one that says what stands.
 * - Where it says so at a later resultTime, that is remembered, so that a reading from between the two, coming last, does
 *   not overtake it. The value that stands is therefore the same in whatever order versions with resultTimes of their own
 *   arrive.
 * - Any other version with a resultTime as late as the newest known takes the place of what stands; an earlier one goes
 *   straight to the audit.
 */
export function settleInstant<V extends Version, A extends Version>(
  held: HeldInstant<V>,
  arrivals: readonly A[],
): Settled<V, A> {
  const known: Version[] = [...held.standing, ...held.audit];
  const overtaken: { version: V; by: A }[] = [];
  const audit: { version: A; by: A }[] = [];
  const duplicates: A[] = [];
  let stored: readonly V[] = held.standing;
  let stands: A | undefined;
  let restated: A | undefined;
  let top: Version | undefined = latestOf(held.standing);
  let newestMs = Number.NEGATIVE_INFINITY;
  if (top !== undefined) {
    newestMs = top.delayMs;
    for (const version of held.audit) {
      if (version.restated && same(version.result, top.result))
        newestMs = Math.max(newestMs, version.delayMs);
    }
  }
  for (const arrival of arrivals) {
    if (
      known.some((version) => version.delayMs === arrival.delayMs && same(version.result, arrival.result))
    ) {
      duplicates.push(arrival);
      continue;
    }
    known.push(arrival);
    if (top !== undefined && same(arrival.result, top.result)) {
      duplicates.push(arrival);
      if (arrival.delayMs > newestMs) {
        newestMs = arrival.delayMs;
        restated = arrival;
      }
      continue;
    }
    if (arrival.delayMs < newestMs) {
      audit.push({ version: arrival, by: arrival });
      continue;
    }
    for (const version of stored) overtaken.push({ version, by: arrival });
    stored = [];
    for (const version of [stands, restated]) {
      if (version !== undefined) audit.push({ version, by: arrival });
    }
    stands = arrival;
    restated = undefined;
    top = arrival;
    newestMs = arrival.delayMs;
  }
  return { stands, overtaken, audit, restated, duplicates };
}

/**
 * The rule in a replay of entries that were counted before, whose audit is known and whose standing readings may be lost:
 * which of the arrivals stood. Nothing is overtaken twice.
 */
export function missingOfInstant<A extends Version>(
  held: HeldInstant<Version>,
  arrivals: readonly A[],
): readonly A[] {
  const { audit } = held;
  const standing: Version[] = [...held.standing];
  let newest: HeldInstant<Version>['audit'][number] | undefined;
  for (const version of audit) {
    const later = newest === undefined || version.delayMs > newest.delayMs;
    if (later || (version.restated && version.delayMs === newest?.delayMs)) newest = version;
  }
  const missing: A[] = [];
  for (const arrival of arrivals) {
    if (audit.some((version) => version.delayMs === arrival.delayMs && same(version.result, arrival.result)))
      continue;
    if (standing.some((version) => same(version.result, arrival.result))) continue;
    // What stood is what was last said: later than all of the audit, or said again by the last of it.
    const stood =
      newest === undefined ||
      (newest.restated ? same(arrival.result, newest.result) : arrival.delayMs >= newest.delayMs);
    if (!stood) continue;
    standing.push(arrival);
    missing.push(arrival);
  }
  return missing;
}

function latestOf<V extends Version>(versions: readonly V[]): V | undefined {
  let latest: V | undefined;
  for (const version of versions) {
    if (latest === undefined || version.delayMs >= latest.delayMs) latest = version;
  }
  return latest;
}

function same(a: number, b: number): boolean {
  return a === b;
}
