/** Tables as the MQTT messages that the devices would have sent: what `jingwei replay` publishes at a chosen speed. */
import { IngestError } from './ingest-error.ts';
import type { EpochMs } from './model/index.ts';
import type { MqttReplayDoor } from './open-declarations.ts';
import { readNumber } from './quality/row-rules.ts';
import { readTime } from './quality/time-text.ts';
import { type Row, readRows, type TableForm } from './sources/table-rows.ts';
import { CsvSplitter } from './transports/file/split-csv.ts';

/** One message of one device. `payload` is UTF-8 JSON; `timeMs` is when it was so, for the pace of the replay. */
export interface ReplayMessage {
  readonly topic: string;
  readonly principal: string;
  readonly payload: Uint8Array;
  readonly timeMs: EpochMs;
}

/** Read at a time, so that a dozen files of years can be merged without holding their rows. Bytes and rows. */
const BLOCK_BYTES = 64 * 1024;
const GROUP_ROWS = 200;

const encoder = new TextEncoder();

/**
 * One message a row in the order of the file, in Jingwei JSON with its own time. A value that is no number goes as the text
 * it is, so that the door refuses it with a reason; a value that is missing is left out, and a row without any is not sent.
 *
 * @throws {IngestError} `delivery-invalid` where the table itself cannot be replayed: a column is missing, a Thing or a
 * time cannot be read.
 */
export function* replayMessages(door: MqttReplayDoor, fileText: string): Generator<ReplayMessage> {
  const form: TableForm = { format: 'csv', encoding: 'utf-8', delimiter: door.delimiter, nulls: door.nulls };
  const columns = [door.thingColumn, ...door.time.columns, ...door.values.map((value) => value.column)];
  let number = 0;
  for (const bytes of groups(fileText, door.delimiter)) {
    const reading = readRows(form, bytes);
    if ('fault' in reading) throw fault(number + 1, reading.fault);
    const lacking = columns.find((column) => reading.columns?.has(column) === false);
    if (lacking !== undefined) throw fault(number + 1, `column "${lacking}" is missing`);
    for (const row of reading.rows) {
      number++;
      if ('fault' in row) throw fault(number, row.fault);
      const message = toMessage(door, row, number);
      if (message !== undefined) yield message;
    }
  }
}

/** Some rows at a time, each group under the header line. */
function* groups(fileText: string, delimiter: string): Generator<Buffer> {
  const splitter = new CsvSplitter(Buffer.from(delimiter));
  let header: Buffer | undefined;
  let rows: Buffer[] = [];
  const bytes = Buffer.from(fileText);
  for (let at = 0; at <= bytes.length; at += BLOCK_BYTES) {
    const steps = [splitter.push(bytes.subarray(at, at + BLOCK_BYTES))];
    if (at + BLOCK_BYTES > bytes.length) steps.push(splitter.end());
    for (const step of steps) {
      if (step.broken !== undefined) throw fault(0, step.broken.message);
      for (const record of step.records) {
        if (header === undefined) header = record;
        else rows.push(record);
        if (rows.length < GROUP_ROWS) continue;
        yield Buffer.concat([header, ...rows]);
        rows = [];
      }
    }
  }
  if (header !== undefined && rows.length > 0) yield Buffer.concat([header, ...rows]);
}

function toMessage(door: MqttReplayDoor, row: Row, number: number): ReplayMessage | undefined {
  const text = (column: string) => String(row.cells.get(column) ?? '');
  const name = text(door.thingColumn);
  const thing = Object.hasOwn(door.things, name) ? door.things[name] : undefined;
  if (thing === undefined) throw fault(number, `no Thing is declared for "${name}"`);
  const time = readTime(door.time.columns.map(text).join(' '), door.time.formats, door.time.timezone);
  if ('fault' in time) throw fault(number, time.fault);
  const results: Record<string, number | string> = {};
  for (const { column, property, codes } of door.values) {
    const cell = text(column);
    if (row.cells.get(column) === null) continue;
    const value =
      codes === undefined ? readNumber(cell) : Object.hasOwn(codes, cell) ? codes[cell] : undefined;
    results[property] = value ?? cell;
  }
  if (Object.keys(results).length === 0) return undefined;
  return {
    topic: door.topic.replace('{thing}', thing),
    principal: thing,
    payload: encoder.encode(JSON.stringify({ time: new Date(time.utc).toISOString(), results })),
    timeMs: time.utc,
  };
}

function fault(row: number, why: string): IngestError {
  return new IngestError('delivery-invalid', `Cannot replay row ${row}: ${why}`);
}
