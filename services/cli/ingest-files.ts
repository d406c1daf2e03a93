/** `ingest`: files through the doors that a customer has, and the proof that nothing was lost. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { DeliveryReport } from '../../ingest/index.ts';
import { type DoorSection, matchFile } from '../../ingest/index.ts';
import type { Receipt } from '../../ingest/model/index.ts';
import { balanceOf, MESSAGES, readAccounts, waitForIndex } from './balance.ts';
import { type Client, connect, RefusedError } from './client.ts';
import { CommandError, type Invocation, print, required, say, UsageError } from './command.ts';
import { datasetsOf, ensureGateway, readDeclarations, registerDeclarations } from './register.ts';

/** What one file became. */
interface Delivered {
  /** Records handed over. */
  readonly records: number;
  /** Journal position behind the last of them. */
  readonly end: number;
  /** Delivery id; '' for a message. */
  readonly delivery: string;
}

/** Runs the command. @returns The exit code: 1 when the accounts do not balance. */
export async function ingestFiles(invocation: Invocation): Promise<number> {
  const files = invocation.positionals;
  if (files.length === 0) throw new UsageError('A file is wanted');
  const declared = readDeclarations(required(invocation, 'declaration'));
  const { door } = declared;
  if (door.kind === 'mqtt-replay') throw new UsageError('This declaration is for "jingwei replay"');
  const client = connect(invocation);
  await registerDeclarations(client, declared);
  const deliveries = await Promise.all(files.map((file) => deliveriesOf(door, file)));
  const asked = [...new Set(deliveries)];
  const before = await readAccounts(client, asked);
  const delivered: Delivered[] = [];
  for (const file of files) delivered.push(await deliver(client, door, file));
  await waitForIndex(client, Math.max(...delivered.map((one) => one.end)));
  const own = new Set(delivered.map((one) => one.delivery));
  const datasets = datasetsOf(declared);
  const sent = delivered.reduce((sum, one) => sum + one.records, 0);
  const balance = balanceOf(
    before,
    await readAccounts(client, asked),
    sent,
    (account) => own.has(account.delivery) && (datasets.has(account.dataset) || account.dataset === ''),
  );
  print(JSON.stringify({ files: files.map((file) => basename(file)), ...balance }));
  return balance.balanced ? 0 : 1;
}

/** The accounts that a file will be in: the id of a delivery begins with the hash of its bytes. */
async function deliveriesOf(door: DoorSection, file: string): Promise<string> {
  if (door.kind !== 'file') return MESSAGES;
  const hash = createHash('sha256');
  await pipeline(plainBytes(file), hash);
  return `${hash.digest('hex').slice(0, 16)}-*`;
}

/** The bytes of a file, unpacked. */
function plainBytes(file: string): Readable {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  const plain = createGunzip();
  bytes.once('error', (error) => plain.destroy(error));
  return bytes.pipe(plain);
}

function deliver(
  client: Client,
  door: Exclude<DoorSection, { kind: 'mqtt-replay' }>,
  file: string,
): Promise<Delivered> {
  const name = basename(file).replace(/\.gz$/, '');
  if (door.kind === 'file') {
    const entry = matchFile(door.deliveries, name);
    if (entry) return deliverFile(client, file, name, entry.mapping);
  } else {
    const entry = matchFile(door.messages, name);
    if (entry) return deliverMessage(client, file, entry);
  }
  throw new CommandError(`${name}: no entry of the section "door" takes a file of this name`);
}

async function deliverFile(client: Client, file: string, name: string, mapping: string): Promise<Delivered> {
  const path = `/api/v1/deliveries/${encodeURIComponent(mapping)}?name=${encodeURIComponent(name)}`;
  const report = await client.upload<DeliveryReport>(path, plainBytes(file), 'application/octet-stream');
  say(`${name}: ${report.rows} rows, ${report.outcome}`);
  return { records: report.rows, end: report.endPosition, delivery: report.delivery };
}

async function deliverMessage(
  client: Client,
  file: string,
  entry: { readonly source: string; readonly principal: string },
): Promise<Delivered> {
  await ensureGateway(client, entry.principal);
  const path = `/api/v1/ingest/${encodeURIComponent(entry.source)}?principal=${encodeURIComponent(entry.principal)}`;
  const content = readFileSync(file);
  const bytes = file.endsWith('.gz') ? gunzipSync(content) : content;
  try {
    const receipt = await client.upload<Receipt>(path, Readable.from([bytes]), 'application/octet-stream');
    say(`${basename(file)}: ${receipt.records} records, ${receipt.readings} readings, ${receipt.outcome}`);
    return { records: receipt.records, end: receipt.position + 1, delivery: '' };
  } catch (error) {
    // A refusal is an outcome too: it is on disk and has to be in the accounts.
    if (!(error instanceof RefusedError) || typeof error.problem.position !== 'number') throw error;
    say(`${basename(file)}: ${error.message}`);
    const records = typeof error.problem.records === 'number' ? error.problem.records : 1;
    return { records, end: error.problem.position + 1, delivery: '' };
  }
}
