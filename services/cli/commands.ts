/**
 * All commands, in the order in which `--help` shows them. A command's file is loaded only when it is called: `grid` starts without the
 * database, the server and the settings.
 */
import type { Command } from './command.ts';

/** A command by its name; `load` gives it whole. */
export interface CommandEntry {
  readonly name: string;
  load(): Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'serve', load: async () => (await import('./serve.ts')).serve },
  { name: 'demo', load: async () => (await import('./demo.ts')).demo },
  { name: 'ingest', load: async () => (await import('./ingest.ts')).ingest },
  { name: 'replay', load: async () => (await import('./replay.ts')).replay },
  { name: 'query', load: async () => (await import('./query.ts')).query },
  { name: 'grid', load: async () => (await import('./grid/grid.ts')).grid },
  { name: 'code', load: async () => (await import('./code.ts')).code },
  { name: 'device', load: async () => (await import('./people.ts')).device },
  { name: 'user', load: async () => (await import('./people.ts')).user },
  { name: 'token', load: async () => (await import('./people.ts')).token },
  { name: 'seat', load: async () => (await import('./people.ts')).seat },
  { name: 'export', load: async () => (await import('./export.ts')).exportCommand },
  { name: 'rebuild', load: async () => (await import('./rebuild.ts')).rebuild },
  { name: 'backup', load: async () => (await import('./backup.ts')).backup },
  { name: 'restore', load: async () => (await import('./restore.ts')).restore },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).doctor },
];
