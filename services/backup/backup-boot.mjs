/**
 * Where the backup thread begins. `--import tsx` in a worker's own arguments does not reach its loader on Node 20, so the
 * thread registers TypeScript itself.
 */
import { register } from 'tsx/esm/api';

register();
await import('./backup-thread.ts');
