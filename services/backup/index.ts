/** Backups of a data folder, and data folders from backups. */
export { BackupError, type BackupErrorCode, isBackupError } from './backup-error.ts';
export type { FoundBackup } from './backup-folder.ts';
export { backupPlan, programVersion } from './backup-plan.ts';
export {
  type BackupPlan,
  type BackupProgress,
  type BackupReport,
  type BackupSource,
  makeBackup,
} from './make-backup.ts';
export type { BackupFile, Manifest } from './manifest.ts';
export {
  type RestorePlan,
  type RestoreProgress,
  type RestoreReport,
  restoreBackup,
} from './restore-backup.ts';
export { runBackup } from './run-backup.ts';
export { findBackup, findDamaged, verifyBackup } from './verify-backup.ts';
