import type { DatasetRows, IndexFacts, Part, RollupDifference } from '../../analytics/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import type { Finding } from './finding.ts';

/** What the index should agree with. */
export interface BesideIndex {
  readonly journal: { readonly from: Position; readonly to: Position };
  readonly parts: readonly Part[];
}

const REBUILD =
  'jingwei rebuild; what still differs then was lost or doubled before, and a backup is the way back';

/** What the facts of an index mean beside journal and parts. */
export function judgeIndex(facts: IndexFacts, { journal, parts }: BesideIndex): readonly Finding[] {
  const findings: Finding[] = [];
  if (facts.position > journal.to) findings.push(ahead(facts.position, journal.to));
  if (facts.position < journal.from) findings.push(behindJournal(facts.position, journal.from));
  const onDisk = new Set(parts.map(({ dataset, id }) => `${dataset}/${id}`));
  // Merged since the facts were asked for.
  const merged = new Set(parts.flatMap(({ dataset, replaces }) => replaces.map((id) => `${dataset}/${id}`)));
  for (const name of facts.parts.filter((one) => !onDisk.has(one) && !merged.has(one)))
    findings.push(missingPart(name));
  const known = new Set(facts.parts);
  for (const name of [...onDisk].filter((one) => !known.has(one))) findings.push(unknownPart(name));
  for (const { table, rows } of facts.strayTables) findings.push(stray(table, rows));
  // While it catches up after a rebuild, rows and accounts grow apart and together again.
  const whole = facts.position >= facts.snapshotPosition;
  if (whole) findings.push(...facts.datasets.flatMap((rows) => ofDataset(rows, facts.dropped)));
  findings.push(...facts.rollups.differences.map(rollup));
  return findings;
}

function ofDataset(rows: DatasetRows, dropped: boolean): readonly Finding[] {
  const { dataset, stored, observations, superseded, items } = rows;
  const held = observations + superseded + items;
  if (held === stored) return [];
  const found = `The accounts say ${stored} readings were stored; there are ${held} (${observations} observations, ${superseded} corrected ones, ${items} versions of events and features)`;
  const where = `dataset "${dataset}"`;
  if (held > stored) {
    const means = 'Some readings count more than once, or the accounts lost some';
    return [{ severity: 'error', part: 'index', where, found, means, mend: REBUILD }];
  }
  if (dropped) {
    const means = 'Retention has dropped old readings, which the accounts still count';
    return [{ severity: 'note', part: 'index', where, found, means, mend: 'Nothing to mend' }];
  }
  const means = 'Readings are missing from the index, unless a retention of the dataset has dropped them';
  return [{ severity: 'error', part: 'index', where, found, means, mend: REBUILD }];
}

function ahead(position: Position, to: Position): Finding {
  return {
    severity: 'error',
    part: 'index',
    where: 'index/jingwei.duckdb',
    found: `It stands at entry ${position}, the journal ends at ${to}`,
    means: 'It was made from another journal, or the end of the journal is lost: the server refuses to start',
    mend: 'Put the journal back that belongs to it, or jingwei rebuild',
  };
}

function behindJournal(position: Position, from: Position): Finding {
  return {
    severity: 'error',
    part: 'index',
    where: 'index/jingwei.duckdb',
    found: `It stands at entry ${position}, the journal begins with entry ${from}`,
    means: 'The entries between are in neither of them',
    mend: 'jingwei rebuild starts from a newer state snapshot, where there is one; jingwei rebuild --check tells',
  };
}

function missingPart(name: string): Finding {
  return {
    severity: 'error',
    part: 'parts',
    where: name,
    found: 'The index knows this part, and it is not in the folder of parts',
    means: 'Its readings are missing from answers',
    mend: 'Put its files back from a backup, or jingwei rebuild --all where the journal still holds its entries',
  };
}

function unknownPart(name: string): Finding {
  return {
    severity: 'note',
    part: 'parts',
    where: name,
    found: 'It lies in the folder of parts, and the index does not know it',
    means:
      'A crash fell between the sealing and the index: the next start puts it right. Or it was sealed a moment ago',
    mend: 'Nothing to mend; start the server',
  };
}

function stray(table: string, rows: number): Finding {
  return {
    severity: 'error',
    part: 'index',
    where: `table ${table}`,
    found: `${rows} rows lie outside its span`,
    means: 'Questions that look at their own day do not find them',
    mend: 'jingwei rebuild',
  };
}

function rollup({ bucket, dataset, property, rollup: kept, rows }: RollupDifference): Finding {
  const said = (one: readonly number[]) =>
    `count ${one[0]}, least ${one[1]}, greatest ${one[2]}, sum ${one[3]}`;
  return {
    severity: 'error',
    part: 'rollups',
    where: `dataset "${dataset}", ${property}, hour ${new Date(bucket).toISOString()}`,
    found: `The rollup has ${said(kept)}; its rows have ${said(rows)}`,
    means: 'Maps of this hour show something else than its readings say',
    mend: 'jingwei rebuild: rollups are made anew',
  };
}
