import { inspectParts, openPartRowsCheck, type Part } from '../../analytics/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Finding } from './finding.ts';

export interface PartsCheck {
  readonly parts: readonly Part[];
  /** Of the newest snapshot that is whole. */
  readonly snapshot: Position | null;
  readonly replayFrom: Position;
  readonly findings: readonly Finding[];
}

/** Reads every sealed file and every state snapshot: hashes, rows, order, spans; and what parts say they hold. */
export async function checkParts(
  folder: Pick<DataFolder, 'parts'>,
  onPart: (done: number, of: number) => void,
): Promise<PartsCheck> {
  const { parts, faults, snapshots, brokenSnapshots } = await inspectParts(folder.parts, true);
  const findings: Finding[] = faults.map(({ dataset, id, reason }) =>
    damaged(`parts/observations/${encodeURIComponent(dataset)}/${id}`, reason),
  );
  const bad = new Set(faults.map(({ dataset, id }) => `${dataset}/${id}`));
  const rows = await openPartRowsCheck();
  try {
    for (const [i, part] of parts.entries()) {
      if (!bad.has(`${part.dataset}/${part.id}`)) {
        const where = `parts/observations/${encodeURIComponent(part.dataset)}/${part.id}`;
        for (const what of await rows.check(folder.parts, part)) findings.push(damaged(where, what));
      }
      onPart(i + 1, parts.length);
    }
  } finally {
    rows.close();
  }
  findings.push(...overlaps(parts));
  for (const { folder: where, reason } of brokenSnapshots) findings.push(brokenSnapshot(where, reason));
  for (const { folder: where, damage } of snapshots)
    if (damage !== null) findings.push(brokenSnapshot(where, damage));
  const whole = snapshots.find(({ damage }) => damage === null);
  return { parts, snapshot: whole?.position ?? null, replayFrom: whole?.replayFrom ?? 0, findings };
}

/** Two parts that both say they hold the rows of one span and of the same entries: those rows count twice. */
export function overlaps(parts: readonly Part[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [i, a] of parts.entries()) {
    for (const b of parts.slice(i + 1)) {
      if (a.dataset !== b.dataset || !coversMeet(a, b)) continue;
      findings.push({
        severity: 'error',
        part: 'parts',
        where: `parts/observations/${encodeURIComponent(a.dataset)}/${a.id}`,
        found: `It and part ${b.id} both say that they hold the same readings`,
        means: 'These readings may count twice',
        mend: 'jingwei rebuild --all, where the journal still holds everything; else restore a backup',
      });
    }
  }
  return findings;
}

function coversMeet(a: Part, b: Part): boolean {
  return a.covers.some((one) =>
    b.covers.some(
      (two) => one.from < two.to && two.from < one.to && one.since < two.until && two.since < one.until,
    ),
  );
}

function damaged(where: string, found: string): Finding {
  return {
    severity: 'error',
    part: 'parts',
    where,
    found,
    means: 'Its readings are missing from answers, or cannot be trusted',
    mend: 'Put its files back from a backup (the manifest has the hashes), or jingwei rebuild --all where the journal still holds its entries',
  };
}

function brokenSnapshot(where: string, found: string): Finding {
  return {
    severity: 'warning',
    part: 'snapshot',
    where,
    found,
    means: 'A rebuild would start from an older one, or read the whole journal',
    mend: 'Let the server run: it writes a new one with the next sealing. jingwei rebuild --check says what would be lost until then',
  };
}
