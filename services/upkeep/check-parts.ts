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
  const wrong = faults.map(({ dataset, id, reason }) => ({ dataset, id, what: reason }));
  const bad = new Set(faults.map(keyOf));
  const rows = await openPartRowsCheck();
  try {
    for (const [i, part] of parts.entries()) {
      const { dataset, id } = part;
      if (!bad.has(keyOf(part)))
        wrong.push(...(await rows.check(folder.parts, part)).map((what) => ({ dataset, id, what })));
      onPart(i + 1, parts.length);
    }
  } finally {
    rows.close();
  }
  const findings: Finding[] = (await stillThere(folder.parts, wrong)).map(({ dataset, id, what }) =>
    damaged(`parts/observations/${encodeURIComponent(dataset)}/${id}`, what),
  );
  findings.push(...overlaps(parts));
  for (const { folder: where, reason } of brokenSnapshots) findings.push(brokenSnapshot(where, reason));
  for (const { folder: where, damage } of snapshots)
    if (damage !== null) findings.push(brokenSnapshot(where, damage));
  const whole = snapshots.find(({ damage }) => damage === null);
  return { parts, snapshot: whole?.position ?? null, replayFrom: whole?.replayFrom ?? 0, findings };
}

/** A server may have merged parts away while they were read: what is in no list any more is no fault. */
async function stillThere<T extends Pick<Part, 'dataset' | 'id'>>(
  partsDir: string,
  wrong: readonly T[],
): Promise<readonly T[]> {
  if (wrong.length === 0) return wrong;
  const { parts, faults } = await inspectParts(partsDir, false);
  const listed = new Set([...parts, ...faults].map(keyOf));
  return wrong.filter((one) => listed.has(keyOf(one)));
}

function keyOf({ dataset, id }: Pick<Part, 'dataset' | 'id'>): string {
  return `${dataset}/${id}`;
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
