/** `rebuild`: throws the index away and makes it again, while no server runs. */
import { rm } from 'node:fs/promises';
import { type Config, loadConfig } from '../config.ts';
import { dataFolder } from '../data-folder.ts';
import { deleteIndex, type RebuildProgress, rebuildIndex, setPartsAside } from '../upkeep/rebuild-index.ts';
import { type RebuildOutlook, rebuildOutlook } from '../upkeep/rebuild-outlook.ts';
import { type Command, CommandError, print, say } from './command.ts';
import { progressLine } from './progress-line.ts';
import { takeDataFolder } from './server-here.ts';

export const rebuild: Command = {
  name: 'rebuild',
  summary: 'Make the index again from parts and journal; the server must not run',
  help: `Usage: jingwei rebuild [--all] [--check] [--later] [--force]

Deletes the index and makes it again from the state snapshot, the sealed parts and what the journal
brings since, with progress on standard error. Journal, parts and state store are not touched. Refuses
when something would be missing afterwards, and says what.
  --all     Decode the whole journal again with the decoders of this release, and seal anew; only
            where the journal holds everything. The old parts go when the new index stands
  --check   Change nothing: say what it would start from and what would be lost; exit code 1 when
            something would
  --later   Only delete the index: the next start loads
  --force   Go ahead although something would be lost`,
  options: {
    all: { type: 'boolean' },
    check: { type: 'boolean' },
    later: { type: 'boolean' },
    force: { type: 'boolean' },
  },
  async run({ options }) {
    const { config } = loadConfig();
    const all = options.all === true;
    const lock = await takeDataFolder(config.dataDir);
    if (lock === undefined && options.check !== true) {
      throw new CommandError(
        `Cannot rebuild: a server holds the data folder "${dataFolder(config.dataDir).root}"; stop it first`,
      );
    }
    try {
      const outlook = await rebuildOutlook(dataFolder(config.dataDir), all);
      if (options.check === true) return check(outlook);
      refuseLosses(outlook, options.force === true);
      const aside = await clear(config, all);
      if (options.later === true) {
        say(`The index is deleted; the next start makes it again.${kept(aside)}`);
        return 0;
      }
      // The server that does it takes the folder itself.
      await lock?.release();
      return await rebuildNow(config, aside, all);
    } finally {
      await lock?.release();
    }
  },
};

function check(outlook: RebuildOutlook): number {
  for (const loss of outlook.losses) say(loss);
  print(JSON.stringify(outlook));
  return outlook.losses.length === 0 ? 0 : 1;
}

function refuseLosses({ losses }: RebuildOutlook, force: boolean): void {
  for (const loss of losses) say(loss);
  if (losses.length === 0 || force) return;
  throw new CommandError(
    'Nothing was changed: a rebuild would lose what is said above. Restore a backup, or go ahead with --force',
  );
}

/** @returns Where the parts were set aside; null when they stay. */
async function clear(config: Config, all: boolean): Promise<string | null> {
  // In this order: cut short in between, the next start makes the index of the parts.
  await deleteIndex(config.dataDir);
  return all ? setPartsAside(config.dataDir, Date.now()) : null;
}

function kept(aside: string | null): string {
  return aside === null ? '' : ` The old parts are in "${aside}": remove them when the index is whole`;
}

async function rebuildNow(config: Config, aside: string | null, all: boolean): Promise<number> {
  const shown = progressLine();
  try {
    const report = await rebuildIndex(config, all, (progress) => shown.show(describe(progress)));
    shown.end();
    print(JSON.stringify(report));
  } catch (error) {
    shown.end();
    if (aside !== null) say(kept(aside).trim());
    throw error;
  }
  if (aside !== null) await rm(aside, { recursive: true, force: true });
  return 0;
}

function describe(progress: RebuildProgress): string {
  if (progress.step === 'seal') return 'sealing';
  const { entries, ofEntries, entriesPerSecond, rowsPerSecond, etaSeconds } = progress;
  const left = etaSeconds === null ? '' : `, ${etaSeconds} s to go`;
  return `${entries} of ${ofEntries} entries, ${entriesPerSecond} entries/s, ${rowsPerSecond} rows/s${left}`;
}
