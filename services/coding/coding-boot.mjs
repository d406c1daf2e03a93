/**
 * Where a coding thread begins. `--import tsx` in a worker's own arguments does not reach its loader on Node 20, so the thread
 * registers TypeScript itself.
 */
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.run === 'file' ? './file-thread.ts' : './stream-thread.ts');
