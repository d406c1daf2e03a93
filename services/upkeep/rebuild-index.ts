/** Makes the index anew in a server of its own that nobody can reach, and tells how far it is. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unreleaseJournal } from '../../ingest/index.ts';
import type { Position } from '../../ingest/model/index.ts';
import { type Config, configOf } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { createLog } from '../log.ts';

export interface RebuildProgress {
  readonly step: 'replay' | 'seal';
  /** Entries read, of how many. */
  readonly entries: number;
  readonly ofEntries: number;
  readonly rows: number;
  readonly entriesPerSecond: number;
  readonly rowsPerSecond: number;
  /** Seconds to go at the present pace; null while it is not known. */
  readonly etaSeconds: number | null;
}

export interface RebuildReport {
  readonly position: Position;
  readonly replayFrom: Position;
  readonly entries: number;
  readonly rows: number;
  readonly seconds: number;
  readonly parts: number;
  readonly partRows: number;
  /** Rows that were sealed anew. */
  readonly sealedRows: number;
}

/** Between two reports, ms. */
const REPORT_MS = 1000;

/** Deletes the index folder; parts and journal stay. The caller holds the data folder. */
export async function deleteIndex(dataDir: string): Promise<void> {
  await rm(dirname(dataFolder(dataDir).index), { recursive: true, force: true });
}

/**
 * Sets the sealed parts aside, so that the whole journal is decoded again.
 *
 * @returns Where they are now; null when there were none. They are for `dropOldParts` once the index stands.
 */
export async function setPartsAside(dataDir: string, now: number): Promise<string | null> {
  const folder = dataFolder(dataDir);
  // First: from here on nothing of the journal may be deleted, since nothing else holds it.
  await unreleaseJournal(folder.journal);
  if (!existsSync(folder.parts)) return null;
  const aside = `${folder.parts}.before-rebuild-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  await rename(folder.parts, aside);
  return aside;
}

/**
 * Brings the index up to the head of the journal.
 *
 * @param seal - Seals everything afterwards, as after `setPartsAside`.
 * @throws {Error} What keeps the index from loading.
 */
export async function rebuildIndex(
  config: Config,
  seal: boolean,
  onProgress: (progress: RebuildProgress) => void,
): Promise<RebuildReport> {
  // Free ports on loopback: nobody is to find this server while it works.
  const quiet = configOf({
    ...config,
    http: { ...config.http, host: '127.0.0.1', port: 0 },
    mqtt: { ...config.mqtt, host: '127.0.0.1', port: 0 },
    rtmp: { ...config.rtmp, enabled: false },
  });
  const began = performance.now();
  const { startServer } = await import('../main.ts');
  const server = await startServer(quiet, { log: createLog('warn', process.stderr) });
  const { store, doors } = server.services;
  try {
    const { head } = await doors.metrics();
    const replayFrom = server.loader.status().position;
    const startedAt = performance.now();
    const progress = (step: RebuildProgress['step']): RebuildProgress => {
      const { position, readings } = server.loader.status();
      const seconds = (performance.now() - startedAt) / 1000;
      const entries = Math.min(position, head) - replayFrom;
      const entriesPerSecond = seconds > 0 ? entries / seconds : 0;
      return {
        step,
        entries,
        ofEntries: head - replayFrom,
        rows: readings,
        entriesPerSecond: Math.round(entriesPerSecond),
        rowsPerSecond: Math.round(seconds > 0 ? readings / seconds : 0),
        etaSeconds:
          entriesPerSecond > 0 ? Math.round((head - replayFrom - entries) / entriesPerSecond) : null,
      };
    };
    while (!(await server.loader.reached(head, REPORT_MS))) {
      const { fault } = server.loader.status();
      if (fault !== null) throw new Error(`Cannot rebuild: ${fault}`);
      onProgress(progress('replay'));
    }
    const last = progress('replay');
    onProgress(last);
    const sealed = seal
      ? await store.seal({ all: true, onProgress: () => onProgress(progress('seal')) })
      : undefined;
    return {
      position: store.position,
      replayFrom,
      entries: last.entries,
      rows: last.rows,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      parts: store.parts.count,
      partRows: store.parts.rows,
      sealedRows: sealed?.rows ?? 0,
    };
  } finally {
    await server.stop();
  }
}
