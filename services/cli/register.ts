/** What `ingest` and `replay` do first: register the declarations, and the principals that bring the records. */
import { readFileSync } from 'node:fs';
import { type DeclarationFile, isIngestError, readDeclarationFile } from '../../ingest/index.ts';
import { type Client, RefusedError } from './client.ts';
import { CommandError, say } from './command.ts';

/** Declarations of one request: some 100 kB of JSON. */
const BATCH = 500;

/**
 * Reads a declaration file.
 *
 * @throws {CommandError} Naming what is wrong and where.
 */
export function readDeclarations(path: string): DeclarationFile {
  try {
    return readDeclarationFile(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isIngestError(error)) throw new CommandError(`${path}: ${error.message}`);
    throw new CommandError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Registers them in order; unchanged ones change nothing. */
export async function registerDeclarations(client: Client, file: DeclarationFile): Promise<void> {
  let changed = 0;
  for (let from = 0; from < file.declarations.length; from += BATCH) {
    const batch = file.declarations.slice(from, from + BATCH);
    changed += (await client.send<{ changed: number }>('POST', '/api/v1/declarations', batch)).changed;
  }
  say(`${file.declarations.length} declarations, ${changed} of them new or changed`);
}

/** Dataset ids that a declaration file declares. */
export function datasetsOf(file: DeclarationFile): ReadonlySet<string> {
  return new Set(
    file.declarations.flatMap((declaration) => (declaration.kind === 'dataset' ? [declaration.body.id] : [])),
  );
}

/** Makes a gateway that is not there yet; one that is keeps its token. */
export async function ensureGateway(client: Client, id: string): Promise<void> {
  try {
    await client.send('POST', '/api/v1/devices', [{ id, kind: 'gateway', publish: [], subscribe: [] }]);
    say(`gateway "${id}" made`);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 'device-exists') throw error;
  }
}

/** Tokens for devices that are about to speak; those that exist get a new one. */
export async function deviceTokens(
  client: Client,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const body = ids.map((id) => ({ id, kind: 'device', rotate: true }));
  const made = await client.send<{ id: string; token: string }[]>('POST', '/api/v1/devices', body);
  return new Map(made.map(({ id, token }) => [id, token]));
}
