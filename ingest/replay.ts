/** Tables as the MQTT messages that the devices would have sent: what `jingwei replay` publishes at a chosen speed. */
import { parse } from 'csv-parse/sync';
import { IngestError } from './ingest-error.ts';
import type { EpochMs } from './model/index.ts';
import type { MqttReplayDoor } from './open-declarations.ts';
import { readNumber } from './quality/row-rules.ts';
import { readTime } from './quality/time-text.ts';

/** One message of one device. `payload` is UTF-8 JSON; `timeMs` is when it was so, for the pace of the replay. */
export interface ReplayMessage {
  readonly topic: string;
  readonly principal: string;
  readonly payload: Uint8Array;
  readonly timeMs: EpochMs;
}

const encoder = new TextEncoder();

/**
 * One message a row in the order of the file, in Jingwei JSON with its own time. A value that is no number goes as the text
 * it is, so that the door refuses it with a reason; a value that is missing is left out, and a row without any is not sent.
 *
 * @throws {IngestError} `delivery-invalid` where the table itself cannot be replayed: a column is missing, a Thing or a time cannot be read.
 */
export function* replayMessages(door: MqttReplayDoor, fileText: string): Generator<ReplayMessage> {
  const records = parse(fileText, {
    delimiter: door.delimiter,
    bom: true,
    columns: true,
    skip_empty_lines: true,
  }) as readonly Record<string, string>[];
  const nulls = new Set(door.nulls);
  const columns = [door.thingColumn, ...door.time.columns, ...door.values.map((value) => value.column)];
  let row = 0;
  for (const record of records) {
    row++;
    const lacking = columns.find((column) => !Object.hasOwn(record, column));
    if (lacking !== undefined)
      throw new IngestError('delivery-invalid', `Cannot replay row ${row}: column "${lacking}" is missing`);
    const message = toMessage(door, record, nulls, row);
    if (message !== undefined) yield message;
  }
}

function toMessage(
  door: MqttReplayDoor,
  record: Readonly<Record<string, string>>,
  nulls: ReadonlySet<string>,
  row: number,
): ReplayMessage | undefined {
  const name = record[door.thingColumn] ?? '';
  const thing = Object.hasOwn(door.things, name) ? door.things[name] : undefined;
  if (thing === undefined)
    throw new IngestError('delivery-invalid', `Cannot replay row ${row}: no Thing is declared for "${name}"`);
  const text = door.time.columns.map((column) => record[column]).join(' ');
  const time = readTime(text, door.time.formats, door.time.timezone);
  if ('fault' in time) throw new IngestError('delivery-invalid', `Cannot replay row ${row}: ${time.fault}`);
  const results: Record<string, number | string> = {};
  for (const { column, property, codes } of door.values) {
    const cell = record[column] ?? '';
    if (nulls.has(cell)) continue;
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
