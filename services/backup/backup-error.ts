/** Why a backup or a restore could not be done. */
export type BackupErrorCode =
  /** One is under way on this server. */
  | 'backup-running'
  /** The target is no folder that can be written, or lies where it may not. */
  | 'target-unfit'
  /** Less than the floor would stay free. */
  | 'no-space'
  /** A file that is to be taken does not hold what it should. */
  | 'source-damaged'
  /** The data folder changed faster than it could be read. */
  | 'source-changed'
  /** There is no whole backup where one was wanted. */
  | 'no-backup'
  /** A file of a backup is missing or not what its manifest says. */
  | 'backup-damaged'
  /** The folder to restore into holds something. */
  | 'not-empty'
  /** A server holds the data folder. */
  | 'in-use'
  /** Told to stop. */
  | 'cancelled';

/** What a person can mend; the message says how. */
export class BackupError extends Error {
  readonly code: BackupErrorCode;
  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackupError';
    this.code = code;
  }
}

export function isBackupError(error: unknown, code?: BackupErrorCode): error is BackupError {
  return error instanceof BackupError && (code === undefined || error.code === code);
}
