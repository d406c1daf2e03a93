/** Is a server running on the configured data folder? It holds the lock of the journal. */
import { existsSync } from 'node:fs';
import { isIngestError, type JournalLock, lockJournal } from '../../ingest/index.ts';
import { dataFolder, refuseCutRestore } from '../data-folder.ts';
import { CommandError } from './command.ts';

/**
 * Takes the data folder for this command, so that no server starts on it meanwhile; undefined while one runs.
 *
 * @throws {CommandError} When there is no journal.
 * @throws {RestoreCutError} When a restore was cut short.
 */
export async function takeDataFolder(dataDir: string): Promise<JournalLock | undefined> {
  const { root, journal } = dataFolder(dataDir);
  refuseCutRestore({ root });
  if (!existsSync(journal)) {
    throw new CommandError(
      `There is no journal in the data folder "${root}"; JINGWEI_DATA_DIR names another`,
    );
  }
  try {
    return await lockJournal(journal);
  } catch (error) {
    if (isIngestError(error, 'journal-locked')) return undefined;
    throw error;
  }
}
