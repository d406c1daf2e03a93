/** Journal, parts, state snapshot, index and rollups against each other. */
import { checkIndexFile, type IndexFacts } from '../../analytics/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import type { DataFolder } from '../data-folder.ts';
import { judgeIndex } from './check-index.ts';
import { checkJournal } from './check-journal.ts';
import { checkParts } from './check-parts.ts';
import type { Finding } from './finding.ts';

export interface DeepReport {
  readonly journal: { readonly from: Position; readonly to: Position; readonly segments: number };
  readonly parts: { readonly count: number; readonly rows: number };
  readonly snapshot: Position | null;
  /** Null where there is no index, or it cannot be read. */
  readonly index: { readonly position: Position; readonly hoursCompared: number } | null;
  /** Errors first. */
  readonly findings: readonly Finding[];
}

export interface DeepProgress {
  readonly step: 'journal' | 'parts' | 'index';
  readonly done: number;
  readonly of: number;
}

export interface DeepSource {
  /** Of a running server; absent for a folder at rest. */
  readonly head?: Position | undefined;
  /** Facts of the index; null when there is none. Asked before the journal is read, so that the journal is never behind. */
  facts(): Promise<IndexFacts | null>;
}

/** Checks everything; writes nothing. */
export async function deepCheck(
  folder: DataFolder,
  source: DeepSource,
  onProgress: (progress: DeepProgress) => void = () => undefined,
): Promise<DeepReport> {
  const findings: Finding[] = [];
  onProgress({ step: 'index', done: 0, of: 1 });
  const facts = await source.facts().catch((error: unknown) => {
    findings.push(unreadable(error));
    return null;
  });
  const journal = await checkJournal(folder, source.head, (done, of) =>
    onProgress({ step: 'journal', done, of }),
  );
  const parts = await checkParts(folder, (done, of) => onProgress({ step: 'parts', done, of }));
  findings.push(...journal.findings, ...parts.findings);
  if (journal.from > parts.replayFrom) findings.push(notRebuildable(journal.from, parts.replayFrom));
  if (facts !== null) findings.push(...judgeIndex(facts, { journal, parts: parts.parts }));
  const order = { error: 0, warning: 1, note: 2 };
  return {
    journal: { from: journal.from, to: journal.to, segments: journal.segments },
    parts: { count: parts.parts.length, rows: parts.parts.reduce((sum, part) => sum + part.rows, 0) },
    snapshot: parts.snapshot,
    index: facts === null ? null : { position: facts.position, hoursCompared: facts.rollups.compared },
    findings: findings.sort((a, b) => order[a.severity] - order[b.severity]),
  };
}

/** The index of a folder that no server holds. */
export function factsAtRest(folder: DataFolder, exists: boolean): Promise<IndexFacts | null> {
  return exists ? checkIndexFile(folder.index, 512) : Promise.resolve(null);
}

function unreadable(error: unknown): Finding {
  return {
    severity: 'error',
    part: 'index',
    where: 'index/jingwei.duckdb',
    found: `It cannot be checked: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    means: 'It is damaged, of an older release, or was never opened by this one',
    mend: 'Start the server once, which mends or migrates it, and check again; else jingwei rebuild',
  };
}

function notRebuildable(journalFrom: Position, replayFrom: Position): Finding {
  return {
    severity: 'warning',
    part: 'snapshot',
    where: 'parts/state/',
    found: `The journal begins with entry ${journalFrom}; a rebuild needs it from entry ${replayFrom} on`,
    means: 'The index could not be made again as it is: it holds what nothing else does',
    mend: 'Keep the index as it is and let the server run: it writes a state snapshot with the next sealing. Make a backup then',
  };
}
