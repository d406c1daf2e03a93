/**
 * The file door: a file is kept once as a content-addressed blob and journalled in chunks that decode on their own. Rules on
 * the whole delivery are judged before any of its rows is taken.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DeclarationState } from '../../declarations.ts';
import { IngestError } from '../../ingest-error.ts';
import type {
  DeliveryVerdict,
  EpochMs,
  Origin,
  RawRecord,
  Receipt,
  Sink,
  TableMapping,
} from '../../model/index.ts';
import type { SourceTable } from '../../pipeline-decode.ts';
import { DeliveryJudge } from '../../quality/delivery-rules.ts';
import { coordinateText } from '../../sources/table-rows.ts';
import type { DeliveryReport } from '../../worker/doors.ts';
import { type Blob, storeBlob } from './blob-store.ts';
import { chunksOf, type FileChunk } from './chunks.ts';

/** A file that is one message (not a table) is decoded in one go, so it must be small. Bytes. */
export const MAX_MESSAGE_FILE_BYTES = 64 * 1024 * 1024;
/** Longest file name kept in origins and reports. Characters. */
const MAX_NAME_CHARS = 200;
/** Chunks on their way to the disk at a time: enough to share syncs, few enough to leave the doors their turn. */
const CHUNKS_IN_FLIGHT = 4;

export interface FileDoorOptions {
  readonly sink: Sink;
  readonly declared: () => DeclarationState;
  readonly sources: SourceTable;
  /** Blobs go to `blobs/` below it. */
  readonly dataDir: string;
  readonly clock: () => EpochMs;
}

export interface DeliverOptions {
  readonly onProgress?: (rows: number) => void;
  /** Chunks below this ordinal are in the journal already. */
  readonly fromChunk?: number;
}

export interface FileDoor {
  /** Keeps the file at `path`; equal bytes are kept once. */
  store(path: string): Promise<Blob>;
  /**
   * Journals a file by a mapping. `mappingId` is the id of a declared table mapping, or `source:<sourceId>` or
   * `source:<sourceId>:<gateway>` for a file that is one message of that source, spoken by that gateway.
   *
   * @throws {IngestError} `unknown-mapping`, `unknown-source`, `delivery-invalid`, or a fault of the journal.
   */
  deliver(
    path: string,
    fileName: string,
    mappingId: string,
    principal: string,
    options?: DeliverOptions,
  ): Promise<DeliveryReport>;
}

/** Id of a delivery: what was delivered and under which name. */
export function deliveryId(sha256: string, fileName: string): string {
  return `${sha256.slice(0, 16)}-${cleanName(fileName)}`;
}

function cleanName(fileName: string): string {
  const name = basename(fileName)
    .replace(/\p{Cc}/gu, '')
    .slice(-MAX_NAME_CHARS);
  return name === '' ? 'unnamed' : name;
}

export function createFileDoor(options: FileDoorOptions): FileDoor {
  const blobDir = join(options.dataDir, 'blobs');
  const store = (path: string) => storeBlob(blobDir, path);
  return {
    store,
    async deliver(path, fileName, mappingId, principal, more = {}) {
      const whole = parseSourceMapping(mappingId);
      const mapping = whole === undefined ? options.declared().mapping(mappingId) : undefined;
      if (whole === undefined && mapping === undefined) {
        throw new IngestError(
          'unknown-mapping',
          `Cannot deliver "${fileName}": mapping "${mappingId}" is not declared`,
        );
      }
      if (whole !== undefined && !Object.hasOwn(options.sources, whole.sourceId)) {
        throw new IngestError(
          'unknown-source',
          `Cannot deliver "${fileName}": no source is called "${whole.sourceId}"`,
        );
      }
      const blob = await store(path);
      const tally = new Tally(deliveryId(blob.sha256, fileName), mappingId, more.onProgress);
      const speaker = whole?.gateway ?? principal;
      const origin = {
        transport: 'file',
        principal: speaker,
        delivery: tally.delivery,
        fileName: cleanName(fileName),
      } as const;
      if (whole !== undefined) await deliverWhole(options, blob, whole.sourceId, origin, tally);
      else await deliverTable(options, blob, mapping!, origin, tally, more.fromChunk ?? 0);
      return tally.report();
    },
  };
}

/** The parts of `source:<sourceId>[:<gateway>]`; undefined for the id of a mapping. */
export function parseSourceMapping(
  mappingId: string,
): { readonly sourceId: string; readonly gateway?: string } | undefined {
  const match = /^source:([^:]+)(?::(.+))?$/.exec(mappingId);
  if (match === null) return undefined;
  return { sourceId: match[1]!, ...(match[2] === undefined ? {} : { gateway: match[2] }) };
}

type FileOrigin = Omit<Extract<Origin, { transport: 'file' }>, 'chunk' | 'firstRow' | 'verdict'>;

async function deliverWhole(
  { sink, clock }: FileDoorOptions,
  blob: Blob,
  sourceId: string,
  origin: FileOrigin,
  tally: Tally,
): Promise<void> {
  if (blob.bytes > MAX_MESSAGE_FILE_BYTES) {
    throw new IngestError(
      'delivery-invalid',
      `Cannot deliver "${origin.fileName}": ${blob.bytes} bytes in one message, must be at most ${MAX_MESSAGE_FILE_BYTES}`,
    );
  }
  const bytes = await readFile(blob.path);
  const raw = { sourceId, origin: { ...origin, chunk: 0, firstRow: 1 }, receivedAt: clock(), bytes };
  const receipt = await sink.accept(raw);
  tally.add(receipt, receipt.records);
}

async function deliverTable(
  options: FileDoorOptions,
  blob: Blob,
  mapping: TableMapping,
  origin: FileOrigin,
  tally: Tally,
  fromChunk: number,
): Promise<void> {
  const verdict = await judge(blob.path, mapping);
  const inFlight: { receipt: Promise<Receipt>; rows: number }[] = [];
  let failed = false;
  const settle = async () => {
    const { receipt, rows } = inFlight.shift()!;
    tally.add(await receipt, rows);
  };
  let ordinal = 0;
  try {
    for await (const chunk of chunksOf(blob.path, mapping)) {
      const number = ordinal++;
      if (number < fromChunk) {
        tally.skip(chunk.kind === 'rows' ? chunk.rows : 0);
        continue;
      }
      if (inFlight.length >= CHUNKS_IN_FLIGHT) await settle();
      // The doors have their turn, and a chunk that was refused at once is known by now: what the journal holds of a
      // delivery is its beginning, whatever failed, or going on after the last chunk would leave one out.
      await new Promise((resolve) => setImmediate(resolve));
      if (failed) break;
      const receipt = journalChunk(options, chunk, mapping, {
        ...origin,
        chunk: number,
        firstRow: chunk.firstRow,
        ...(verdict === undefined ? {} : { verdict }),
      });
      // A failure is met where the chunk is settled, in order.
      receipt.catch(() => {
        failed = true;
      });
      inFlight.push({ receipt, rows: chunk.kind === 'rows' ? chunk.rows : 0 });
    }
    while (inFlight.length > 0) await settle();
  } finally {
    // After a failure nothing is under way any more when the delivery is tried again.
    await Promise.allSettled(inFlight.map(({ receipt }) => receipt));
  }
}

function journalChunk(
  { sink, clock }: FileDoorOptions,
  chunk: FileChunk,
  mapping: TableMapping,
  origin: Extract<Origin, { transport: 'file' }>,
): Promise<Receipt> {
  const { bytes } = chunk;
  const raw: RawRecord = { sourceId: 'table', mappingId: mapping.id, origin, receivedAt: clock(), bytes };
  if (chunk.kind === 'rows') return sink.accept(raw);
  const { message } = chunk;
  const rejection = {
    code: 'malformed',
    message,
    disposition: 'refused',
    readings: 0,
    dataset: mapping.dataset,
  } as const;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return sink.refuse(raw, rejection, { length: bytes.length, sha256 });
}

/** What the rules on the whole delivery say, by one pass over all its rows. */
async function judge(path: string, mapping: TableMapping): Promise<DeliveryVerdict | undefined> {
  if (mapping.deliveryRules.length === 0) return undefined;
  const deliveryJudge = new DeliveryJudge(mapping);
  for await (const chunk of chunksOf(path, mapping)) {
    if (chunk.kind === 'broken' || 'fault' in chunk.reading) continue;
    for (const row of chunk.reading.rows) {
      if (!('fault' in row)) deliveryJudge.add(coordinateText(mapping, row));
    }
    // Reading a block is often answered without leaving the turn: let the doors have theirs.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return deliveryJudge.verdict();
}

class Tally {
  readonly delivery: string;
  readonly #mappingId: string;
  readonly #onProgress: ((rows: number) => void) | undefined;
  readonly #outcomes = new Set<Receipt['outcome']>();
  #rows = 0;
  #first: number | undefined;
  #last = -1;

  constructor(delivery: string, mappingId: string, onProgress: ((rows: number) => void) | undefined) {
    this.delivery = delivery;
    this.#mappingId = mappingId;
    this.#onProgress = onProgress;
  }

  add(receipt: Receipt, rows: number): void {
    this.#first ??= receipt.position;
    this.#last = receipt.position;
    this.#outcomes.add(receipt.outcome);
    this.#rows += rows;
    this.#onProgress?.(this.#rows);
  }

  /** Rows journalled by an earlier, interrupted run. */
  skip(rows: number): void {
    this.#rows += rows;
    this.#outcomes.add('accepted');
  }

  report(): DeliveryReport {
    const [only] = this.#outcomes;
    const same = this.#outcomes.size === 1 && only !== 'redelivery' && only !== undefined;
    return {
      delivery: this.delivery,
      mappingId: this.#mappingId,
      rows: this.#rows,
      firstPosition: this.#first ?? 0,
      endPosition: this.#last + 1,
      outcome: same ? only : 'partial',
    };
  }
}
