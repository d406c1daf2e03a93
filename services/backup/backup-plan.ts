import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import type { BackupPlan } from './make-backup.ts';

const PACKAGE = new URL('../../package.json', import.meta.url);

/** What a backup of these settings is to hold and to mind. */
export function backupPlan(
  config: Config,
  target: string,
  keep: number | undefined,
  declarations: readonly unknown[] | null,
  startedAt: number,
): BackupPlan {
  const settings = settingsFile();
  const { adminPassword: _, ...shown } = config;
  return {
    dataDir: config.dataDir,
    target,
    keep,
    // Twice: the target may be the journal's own disk, and the journal stops at its floor.
    floorBytes: 2 * config.journal.minFreeBytes,
    program: programVersion(),
    configFiles: {
      ...(settings === null ? {} : { 'jingwei.yaml': settings }),
      ...(config.city === undefined ? {} : { 'city.json': resolve(config.city) }),
    },
    configTexts: {
      'settings.json': `${JSON.stringify(shown, null, 2)}\n`,
      ...(declarations === null ? {} : { 'declarations.json': `${JSON.stringify(declarations, null, 1)}\n` }),
    },
    startedAt,
  };
}

export function programVersion(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

/** The settings file that this process would read now; null when there is none or it is not as it should be. */
function settingsFile(): string | null {
  try {
    const { file } = loadConfig();
    return file !== null && existsSync(file) ? resolve(file) : null;
  } catch {
    return null;
  }
}
