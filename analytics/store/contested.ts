import { type HeldInstant, missingOfInstant, settleInstant, type Version } from './corrections.ts';
import { type BatchScan, FATE } from './duplicates.ts';
import type { AuditedReading, StoredReading } from './stored-readings.ts';
import type { SupersededChanges } from './superseded.ts';

/** A row of a batch as a version of its instant. */
interface Arrival extends Version {
  readonly row: number;
}

/** What the loader knows of a row beyond its columns. */
export interface RowFacts {
  /** Journal position of its entry. */
  readonly positionOf: (row: number) => number;
  /** It was counted before: a replay meets it again. */
  readonly isOld: (row: number) => boolean;
  /** Does its datastream declare corrections? */
  readonly corrects: (row: number) => boolean;
}

/**
 * Settles the contested rows of a batch, instant by instant, by the rule of `settleInstant`: marks their fate in the scan
 * and gathers what is to be written to the audit. Pure but for the marks.
 */
export function settleContested(
  scan: BatchScan,
  standing: readonly StoredReading[],
  audited: readonly AuditedReading[],
  facts: RowFacts,
): SupersededChanges {
  const changes: SupersededChanges = { audit: [], overtaken: [], unrestated: [], replaced: [] };
  const held = heldByInstant(standing, audited);
  for (const [key, rows] of rowsByInstant(scan)) {
    const stored = held.get(key) ?? { standing: [], audit: [] };
    const old = rows.filter((row) => facts.isOld(row));
    const missing = missingOfInstant(
      stored,
      old.map((row) => arrivalOf(scan, row)),
    );
    for (const row of old) scan.fate[row] = FATE.covered;
    for (const { row } of missing) scan.fate[row] = FATE.kept;
    const fresh = rows.filter((row) => !facts.isOld(row));
    if (fresh.length === 0) continue;
    settleFresh(scan, stored, missing, fresh, facts, changes);
  }
  return changes;
}

function settleFresh(
  scan: BatchScan,
  stored: HeldInstant<StoredReading>,
  missing: readonly Arrival[],
  fresh: readonly number[],
  facts: RowFacts,
  changes: SupersededChanges,
): void {
  const [first] = fresh;
  const datastream = scan.ids[scan.columns.datastream[first!]!]!;
  const timeMs = scan.times[first!]!;
  const arrivals = fresh.map((row) => arrivalOf(scan, row));
  const standing: (StoredReading | Arrival)[] = [...stored.standing, ...missing];
  if (!facts.corrects(first!)) {
    // Corrections were declared once, and are no more: both values are kept, as of any datastream.
    for (const arrival of arrivals) {
      if (standing.some(({ result }) => result === arrival.result)) scan.fate[arrival.row] = FATE.duplicate;
      else standing.push(arrival);
    }
    return;
  }
  const settled = settleInstant({ standing, audit: stored.audit }, arrivals);
  for (const { row } of settled.duplicates) scan.fate[row] = FATE.duplicate;
  for (const { version, by } of settled.overtaken) {
    const at = facts.positionOf(by.row);
    if ('place' in version) changes.overtaken.push({ reading: version, at });
    else {
      scan.fate[version.row] = FATE.superseded;
      changes.audit.push({ datastream, row: auditRow(scan, version.row, at, false) });
    }
  }
  for (const { version, by } of settled.audit) {
    // One that only said again what stood is no reading more, but is kept with the others of its instant.
    if (!settled.duplicates.includes(version)) scan.fate[version.row] = FATE.superseded;
    changes.audit.push({ datastream, row: auditRow(scan, version.row, facts.positionOf(by.row), false) });
  }
  const wasRestated = stored.audit.some((version) => version.restated);
  if (settled.stands !== undefined && wasRestated) changes.unrestated.push({ datastream, timeMs });
  if (settled.restated !== undefined) {
    if (wasRestated && settled.stands === undefined) changes.replaced.push({ datastream, timeMs });
    const { row } = settled.restated;
    changes.audit.push({ datastream, row: auditRow(scan, row, facts.positionOf(row), true) });
  }
}

function auditRow({ columns, ids, times }: BatchScan, row: number, at: number, restated: boolean) {
  const height = columns.heightM[row]!;
  return [
    times[row]!,
    columns.resultDelayMs[row]!,
    ids[columns.datastream[row]!]!,
    columns.result[row]!,
    columns.h3[row]!,
    columns.beidou[row]!,
    Number.isNaN(height) ? null : height,
    columns.quality[row]!,
    at,
    null,
    restated,
  ];
}

function arrivalOf({ columns }: BatchScan, row: number): Arrival {
  return { row, delayMs: columns.resultDelayMs[row]!, result: columns.result[row]! };
}

/** Contested rows by instant, in order of arrival. */
function rowsByInstant({
  contested,
  ids,
  columns,
  times,
}: BatchScan): ReadonlyMap<string, readonly number[]> {
  const instants = new Map<string, number[]>();
  for (const row of contested) {
    const key = instantKey(ids[columns.datastream[row]!]!, times[row]!);
    const list = instants.get(key);
    if (list === undefined) instants.set(key, [row]);
    else list.push(row);
  }
  return instants;
}

function heldByInstant(
  standing: readonly StoredReading[],
  audited: readonly AuditedReading[],
): ReadonlyMap<string, HeldInstant<StoredReading>> {
  const held = new Map<string, { standing: StoredReading[]; audit: AuditedReading[] }>();
  const of = ({ datastream, timeMs }: { readonly datastream: number; readonly timeMs: number }) => {
    const key = instantKey(datastream, timeMs);
    let instant = held.get(key);
    if (instant === undefined) {
      instant = { standing: [], audit: [] };
      held.set(key, instant);
    }
    return instant;
  };
  for (const reading of standing) of(reading).standing.push(reading);
  for (const reading of audited) of(reading).audit.push(reading);
  return held;
}

function instantKey(datastream: number, timeMs: number): string {
  return `${datastream} ${timeMs}`;
}
