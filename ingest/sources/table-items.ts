/** From a row to observations, an event or a feature, as its mapping declares. */
import { pointOn } from '../locate/geometry.ts';
import {
  type EpochMs,
  type EventItem,
  type Item,
  QUALITY,
  type Rejection,
  type SourcePosition,
  type TableMapping,
} from '../model/index.ts';
import {
  type CheckedValue,
  checkValue,
  type DatastreamPlan,
  quote,
  thingPlan,
} from '../quality/datastream-plan.ts';
import { readNumber } from '../quality/row-rules.ts';
import { timeRangeFault } from '../quality/time-range.ts';
import { readTime } from '../quality/time-text.ts';
import { unitConversion } from '../quality/units.ts';
import { refusal } from './source-kit.ts';
import type { RowPlace } from './table-place.ts';
import type { RowOutcome, TableReader, TableRow } from './table-row.ts';

/** Longest text kept in a key, a title or an attribute. */
const MAX_CELL = 1000;

type Observations = NonNullable<TableMapping['observations']>;
type Events = NonNullable<TableMapping['events']>;
type Features = NonNullable<TableMapping['features']>;

const none = (rejection: Rejection): RowOutcome => ({ items: [], rejections: [rejection] });

/** One reading for each mapped value that is present. */
export function observationsOf(
  row: TableRow,
  declared: Observations,
  reader: TableReader,
  place: RowPlace | undefined,
  flags: number,
): RowOutcome {
  const dataset = reader.dataset.id;
  const present = declared.values.filter((value) => row.text(value.column) !== undefined);
  if (present.length === 0) return none(refusal('missing-field', 'Row holds no value', 0, { dataset }));
  const name = row.text(declared.thingColumn);
  const id = name !== undefined && Object.hasOwn(declared.things, name) ? declared.things[name] : name;
  const thing = id === undefined ? undefined : reader.context.thing(id);
  if (thing === undefined || thing.dataset !== dataset) {
    const message = `Thing ${quote(id)} is not declared in dataset "${dataset}"`;
    return none(refusal('unknown-thing', message, present.length, { dataset, where: declared.thingColumn }));
  }
  const plan = thingPlan(thing, reader.context);
  const time = timeOf(row, declared.time, reader);
  if ('fault' in time) {
    return none(
      refusal(time.code, time.fault, present.length, { dataset, thing: thing.id, where: time.where }),
    );
  }
  const position = positionOf(place);
  const items: Item[] = [];
  const rejections: Rejection[] = [];
  for (const value of present) {
    const datastream = plan?.datastreams.get(value.property);
    const checked: CheckedValue =
      datastream === undefined
        ? { code: 'unknown-property', message: `"${thing.id}" observes no "${value.property}"` }
        : checkCell(row.text(value.column) ?? '', value, datastream);
    if (typeof checked === 'number') {
      items.push({
        kind: 'observation',
        thing: thing.id,
        property: value.property,
        phenomenonTime: time.utc,
        result: checked,
        ...(position === undefined ? {} : { position }),
        ...flagged(flags, time.doubtful),
      });
    } else {
      rejections.push(
        refusal(checked.code, checked.message, 1, { dataset, thing: thing.id, where: value.column }),
      );
    }
  }
  return { items, rejections };
}

function checkCell(text: string, value: Observations['values'][number], plan: DatastreamPlan): CheckedValue {
  if (value.codes !== undefined) {
    const code = Object.hasOwn(value.codes, text) ? value.codes[text] : undefined;
    if (code === undefined) {
      const known = Object.keys(value.codes).slice(0, 20).join(', ');
      return {
        code: 'not-a-number',
        message: `Value of "${value.property}" is ${quote(text)}: it must be one of ${known}`,
      };
    }
    return checkValue(plan, code);
  }
  // A unit of the column goes before that of the Datastream; declarations with other dimensions were refused.
  const conversion = value.unit === undefined ? plan.conversion : unitConversion(value.unit, plan.unit);
  return checkValue(conversion === undefined ? plan : { ...plan, conversion }, readNumber(text) ?? text);
}

/** The event of a row. */
export function eventOf(
  row: TableRow,
  declared: Events,
  reader: TableReader,
  place: RowPlace | undefined,
  flags: number,
): RowOutcome {
  const dataset = reader.dataset.id;
  const key = keyOf(row, declared.key);
  const category = row.text(declared.category);
  if (key === undefined || category === undefined) {
    const where = key === undefined ? declared.key.join(', ') : declared.category;
    return none(
      refusal('missing-field', `Column "${where}" is empty: it is required`, 1, { dataset, where }),
    );
  }
  const start = timeOf(row, declared.start, reader);
  if ('fault' in start) return none(refusal(start.code, start.fault, 1, { dataset, where: start.where }));
  const ends: { end?: EpochMs; updated?: EpochMs } = {};
  let doubtful = start.doubtful;
  for (const name of ['end', 'updated'] as const) {
    const time = declared[name];
    if (time === undefined || time.columns.every((column) => row.text(column) === undefined)) continue;
    const reading = readColumns(row, time, reader);
    if ('fault' in reading)
      return none(refusal(reading.code, reading.fault, 1, { dataset, where: reading.where }));
    ends[name] = reading.utc;
    doubtful ||= reading.doubtful;
  }
  const title = declared.title.map((column) => row.text(column)).filter((text) => text !== undefined);
  const status =
    declared.status === undefined ? undefined : statusOf(row.text(declared.status.column), declared.status);
  const position = positionOf(place);
  const item: EventItem = {
    kind: 'event',
    dataset,
    key,
    eventType: declared.eventType,
    category: category.slice(0, MAX_CELL),
    start: start.utc,
    ...ends,
    ...(status === undefined ? {} : { status }),
    ...(title.length === 0 ? {} : { title: title.join(' · ').slice(0, MAX_CELL) }),
    attributes: attributesOf(row, declared.attributes),
    ...(position === undefined ? { positionMethod: 'none' } : { position, positionMethod: 'own' }),
    ...flagged(flags, doubtful),
  };
  return { items: [item], rejections: [] };
}

function statusOf(
  text: string | undefined,
  status: NonNullable<Events['status']>,
): 'open' | 'closed' | undefined {
  if (text === undefined) return undefined;
  return status.closed.includes(text) ? 'closed' : status.open.includes(text) ? 'open' : undefined;
}

/** The feature of a row. */
export function featureOf(
  row: TableRow,
  declared: Features,
  reader: TableReader,
  place: RowPlace | undefined,
  flags: number,
): RowOutcome {
  const dataset = reader.dataset.id;
  const key = keyOf(row, declared.key);
  if (key === undefined) {
    const where = declared.key.join(', ');
    return none(
      refusal('missing-field', `Column "${where}" is empty: it is required`, 1, { dataset, where }),
    );
  }
  const name = declared.name === undefined ? undefined : row.text(declared.name);
  const item: Item = {
    kind: 'feature',
    dataset,
    key,
    featureType: declared.featureType,
    ...(name === undefined ? {} : { name: name.slice(0, MAX_CELL) }),
    layer: declared.layer,
    ...(place === undefined ? {} : { geometry: place.geometry, datum: place.datum }),
    attributes: attributesOf(row, declared.attributes),
    ...flagged(flags, false),
  };
  return { items: [item], rejections: [] };
}

/** The key columns joined by a slash; undefined where all are empty or the first is. */
function keyOf(row: TableRow, columns: readonly string[]): string | undefined {
  const parts = columns.map((column) => row.text(column) ?? '');
  return parts[0] === '' ? undefined : parts.join('/').slice(0, MAX_CELL);
}

function attributesOf(row: TableRow, columns: readonly string[]): EventItem['attributes'] {
  const attributes: Record<string, string | number | boolean | null> = {};
  for (const column of columns) {
    const cell = row.cell(column);
    attributes[column] = typeof cell === 'string' ? cell.slice(0, MAX_CELL) : cell;
  }
  return attributes;
}

/** A point to stand on, in the datum of the place. */
function positionOf(place: RowPlace | undefined): SourcePosition | undefined {
  if (place === undefined) return undefined;
  const { geometry, datum } = place;
  const [lonDeg, latDeg] = pointOn(geometry);
  // Along a line or an area heights differ: only a point has one.
  const heightM = geometry.type === 'Point' ? geometry.coordinates[2] : undefined;
  return { lonDeg, latDeg, datum, ...(heightM === undefined ? {} : { heightM }) };
}

type ColumnTime = Observations['time'];
type TimeOutcome =
  | { readonly utc: EpochMs; readonly doubtful: boolean }
  | { readonly code: Rejection['code']; readonly fault: string; readonly where: string };

/** The instant of a row, within the dataset's range. */
function timeOf(row: TableRow, time: ColumnTime, reader: TableReader): TimeOutcome {
  const reading = readColumns(row, time, reader);
  if ('fault' in reading) return reading;
  const fault = timeRangeFault(reader.dataset.timeRange, reading.utc, reader.receivedAt);
  return fault === undefined ? reading : { code: 'time-out-of-range', fault, where: time.columns.join(' ') };
}

function readColumns(row: TableRow, time: ColumnTime, reader: TableReader): TimeOutcome {
  const where = time.columns.join(' ');
  const texts = time.columns.map((column) => row.text(column));
  if (texts.includes(undefined)) {
    return { code: 'time-invalid', fault: `Column "${where}" is empty: a time is required`, where };
  }
  const reading = readTime(texts.join(' '), time.formats, reader.dataset.timezone);
  return 'utc' in reading ? reading : { code: 'time-invalid', fault: reading.fault, where };
}

/** A time that the clock shows twice, or skips, is stored with a mark. */
function flagged(flags: number, doubtful: boolean): { flags?: number } {
  const all = flags | (doubtful ? QUALITY.flagged : 0);
  return all === 0 ? {} : { flags: all };
}
