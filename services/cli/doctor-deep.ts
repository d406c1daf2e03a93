/** `doctor --deep`: everything that is kept, checked against each other, beside a running server or without one. */
import { existsSync } from 'node:fs';
import type { IndexFacts } from '../../analytics/index.ts';
import type { Config } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { type DeepReport, deepCheck, factsAtRest } from '../upkeep/deep-check.ts';
import type { Finding } from '../upkeep/finding.ts';
import { connect } from './client.ts';
import { type Invocation, print } from './command.ts';
import { progressLine } from './progress-line.ts';
import { takeDataFolder } from './server-here.ts';

/** @returns The exit code. */
export async function deep(invocation: Invocation, config: Config): Promise<number> {
  const folder = dataFolder(config.dataDir);
  const lock = await takeDataFolder(config.dataDir);
  const shown = progressLine();
  try {
    const answer = lock === undefined ? await askServer(invocation) : undefined;
    const report = await deepCheck(
      folder,
      {
        head: answer?.head,
        facts: async () => answer?.facts ?? factsAtRest(folder, existsSync(folder.index)),
      },
      ({ step, done, of }) => shown.show(`${step}: ${done} of ${of}`),
    );
    shown.end();
    if (invocation.options.json === true) print(JSON.stringify(report));
    else show(report);
    return report.findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  } finally {
    shown.end();
    await lock?.release();
  }
}

function askServer(invocation: Invocation): Promise<{ readonly head: number; readonly facts: IndexFacts }> {
  return connect(invocation).get('/api/v1/checks/index');
}

function show({ journal, parts, snapshot, index, findings }: DeepReport): void {
  print(`Journal: entries ${journal.from} to ${journal.to} in ${journal.segments} segments`);
  print(`Parts: ${parts.count}, ${parts.rows} rows; state snapshot at ${snapshot ?? '(none)'}`);
  print(
    index === null
      ? 'Index: none that can be read'
      : `Index: at entry ${index.position}; ${index.hoursCompared} hours of rollups compared with their rows`,
  );
  for (const finding of findings) print(lineOf(finding));
  if (findings.length === 0) print('Nothing wrong was found');
}

function lineOf({ severity, where, found, means, mend }: Finding): string {
  return `${severity.toUpperCase().padEnd(7)} ${where}: ${found}\n        Means: ${means}\n        Mend: ${mend}`;
}
