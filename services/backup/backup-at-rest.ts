/** A backup of a data folder that no server holds. The caller holds the journal's lock. */
import type { Config } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { backupPlan } from './backup-plan.ts';
import { type BackupProgress, type BackupReport, makeBackup } from './make-backup.ts';
import { journalEnd } from './take-journal.ts';

/**
 * Makes one. The index is not opened: what it holds beyond its parts and its last state snapshot comes from the journal at a
 * restore. Entries behind a torn end were never acknowledged and stay out.
 */
export async function backupAtRest(
  config: Config,
  target: string,
  keep: number | undefined,
  onProgress: (progress: BackupProgress) => void,
): Promise<BackupReport> {
  const end = await journalEnd(dataFolder(config.dataDir).journal);
  const source = { head: async () => end, seal: async () => undefined };
  // The declarations are in the journal; to read them as text takes a running server.
  return makeBackup(backupPlan(config, target, keep, null, Date.now()), source, onProgress);
}
