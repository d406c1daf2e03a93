import { inspectSegment, segmentFiles } from '../../ingest/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import type { DataFolder } from '../data-folder.ts';
import type { Finding } from './finding.ts';

export interface JournalCheck {
  readonly from: Position;
  readonly to: Position;
  readonly segments: number;
  readonly findings: readonly Finding[];
}

/**
 * Reads every segment, entry by entry.
 *
 * @param head - Of a running server: what stands at or behind it may still be being written.
 */
export async function checkJournal(
  folder: Pick<DataFolder, 'journal'>,
  head: Position | undefined,
  onSegment: (done: number, of: number) => void,
): Promise<JournalCheck> {
  const segments = (await segmentFiles(folder.journal)).filter(
    ({ first }) => head === undefined || first < head,
  );
  const findings: Finding[] = [];
  let to = segments[0]?.first ?? 0;
  for (const [i, segment] of segments.entries()) {
    const after = segments[i + 1];
    const report = await inspectSegment(
      folder.journal,
      segment,
      after === undefined ? head : undefined,
    ).catch(gone);
    // Deleted or packed by the server meanwhile: not there, not damaged.
    if (report === undefined) {
      to = after?.first ?? to;
      continue;
    }
    to = report.next;
    if (report.fault !== null)
      findings.push(faulty(segment.name, report.fault, after === undefined, report.next));
    else if (after !== undefined && report.next !== after.first)
      findings.push(hole(segment.name, after.name, report.next, after.first));
    onSegment(i + 1, segments.length);
  }
  return { from: segments[0]?.first ?? 0, to: head ?? to, segments: segments.length, findings };
}

function faulty(name: string, fault: string, last: boolean, next: Position): Finding {
  const where = `journal/${name}`;
  const found = `From entry ${next} on: ${fault}`;
  if (last) {
    return {
      severity: 'warning',
      part: 'journal',
      where,
      found,
      means: 'A crash left it half written, and it was never acknowledged; or synced bytes were damaged',
      mend: 'Start the server: it cuts off what was never acknowledged, and refuses to start when it is more. Then restore a backup, or set journal.skipDamaged',
    };
  }
  return {
    severity: 'error',
    part: 'journal',
    where,
    found,
    means:
      'Acknowledged entries cannot be read again: a rebuild that needs them would stop, and a better decoder cannot be run over them',
    mend: 'Put this file back from a backup (its manifest has the hash); where there is none, set journal.skipDamaged to go on behind it',
  };
}

function hole(name: string, after: string, next: Position, first: Position): Finding {
  return {
    severity: 'error',
    part: 'journal',
    where: `journal/${name}`,
    found: `It ends before entry ${next}, and ${after} begins with entry ${first}`,
    means: `Entries ${next} to ${first - 1} are missing`,
    mend: 'Put the missing segments back from a backup',
  };
}

function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
