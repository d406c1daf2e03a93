/**
 * Tables by a declared mapping: CSV, GeoJSON, NDJSON and JSON arrays become observations, events or features. Each row is a
 * record; for observations each mapped value that is present is a reading, for the others the row is.
 *
 * Naive times are read in the dataset's time zone, coordinates in the mapping's reference or the dataset's datum. What a rule on the whole delivery said is
 * applied by the pipeline, after decoding.
 */
import type { DecodeContext, RawRecord, RecordOutcome, TableMapping } from '../model/index.ts';
import { QUALITY } from '../model/index.ts';
import { judgeRow } from '../quality/row-rules.ts';
import { defineSource, refusal, refusedMessage, refusedRecord } from './source-kit.ts';
import { eventOf, featureOf, observationsOf } from './table-items.ts';
import { placeReader } from './table-place.ts';
import { type TableReader, TableRow } from './table-row.ts';
import { readRows } from './table-rows.ts';

export const table = defineSource({
  id: 'table',
  title: 'Tables by a declared mapping',
  topics: [],
  decode,
  examples: [
    {
      name: 'two readings in a row, one of them converted, one row without',
      mappingId: 'example-observations',
      bytes: 'station,date,hour,PM2.5,CO\nNorth,2026-11-22,15,41,300\nNorth,2026-11-22,14,NA,310\n',
      gives: { items: 3 },
    },
    {
      name: 'a value of text',
      mappingId: 'example-observations',
      bytes: 'station,date,hour,PM2.5,CO\nNorth,2026-11-22,15,many,300\n',
      gives: { refuses: 'not-a-number' },
    },
    {
      name: 'a day no calendar has',
      mappingId: 'example-observations',
      bytes: 'station,date,hour,PM2.5,CO\nNorth,2026-11-31,15,41,300\n',
      gives: { refuses: 'time-invalid' },
    },
    {
      name: 'a column that is not there',
      mappingId: 'example-observations',
      bytes: 'station,date,hour,PM2.5\nNorth,2026-11-22,15,41\n',
      gives: { refuses: 'missing-field' },
    },
    {
      name: 'a row that was cut off',
      mappingId: 'example-observations',
      bytes: 'station,date,hour,PM2.5,CO\nNorth,2026-11-22\n',
      gives: { refuses: 'malformed' },
    },
    {
      name: 'cases, one without a place',
      mappingId: 'example-cases',
      bytes:
        'id,type,opened,closed,status,agency,lon,lat\n1,Noise,3/14/2025 1:20,,Open,NYPD,-73.9,40.7\n2,Noise,3/14/2025 1:20,3/13/2025 1:20,Closed,NYPD,,\n',
      gives: { items: 2 },
    },
    {
      name: 'a latitude beyond the pole',
      mappingId: 'example-cases',
      bytes: 'id,type,opened,closed,status,agency,lon,lat\n1,Noise,3/14/2025 1:20,,Open,NYPD,-73.9,91\n',
      gives: { refuses: 'position-invalid' },
    },
    {
      name: 'GeoJSON features, as a collection',
      mappingId: 'example-schools',
      bytes:
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1,"name":"First","pupils":300},"geometry":{"type":"Point","coordinates":[104.6,35.6]}}]}',
      gives: { items: 1 },
    },
    {
      name: 'GeoJSON features, one a line, by a rule refused',
      mappingId: 'example-schools',
      bytes:
        '{"type":"Feature","properties":{"id":1},"geometry":{"type":"Point","coordinates":[104.6,35.6]}}\n{"type":"Feature","properties":{"id":2,"name":"x"},"geometry":null}',
      gives: { refuses: 'rule-refused' },
    },
  ],
});

function decode(raw: RawRecord, context: DecodeContext): readonly RecordOutcome[] {
  const mapping = raw.mappingId === undefined ? undefined : context.mapping(raw.mappingId);
  if (mapping === undefined) {
    return refusedMessage('unknown-source', `Mapping "${raw.mappingId ?? ''}" is not declared`);
  }
  const dataset = context.dataset(mapping.dataset);
  if (dataset === undefined) {
    const message = `Dataset "${mapping.dataset}" of mapping "${mapping.id}" is not declared`;
    return refusedMessage('unknown-dataset', message, { dataset: mapping.dataset });
  }
  const chunk = readRows(mapping, raw.bytes);
  if ('fault' in chunk) return refusedMessage('malformed', chunk.fault, { dataset: dataset.id });
  const places = placeReader(mapping, dataset);
  const reader: TableReader = { mapping, dataset, context, places, receivedAt: raw.receivedAt };
  const missing =
    chunk.columns === undefined ? [] : columnsOf(mapping).filter((name) => !chunk.columns?.has(name));
  return chunk.rows.map((row) => {
    if ('fault' in row) return refusedRecord(refusal('malformed', row.fault, 0, { dataset: dataset.id }));
    if (missing.length > 0) {
      const message = `Column "${missing[0]}" is missing: mapping "${mapping.id}" needs it`;
      return refusedRecord(
        refusal('missing-field', message, 0, { dataset: dataset.id, where: missing[0] ?? '' }),
      );
    }
    return readRow(new TableRow(row), reader);
  });
}

function readRow(row: TableRow, reader: TableReader): RecordOutcome {
  const { mapping, dataset } = reader;
  const readings = readingsOf(row, mapping);
  const place = reader.places(row);
  if (typeof place === 'string') {
    return refusedRecord(refusal('position-invalid', place, readings, { dataset: dataset.id }));
  }
  const geometry = place?.geometry;
  const lonLat =
    geometry?.type === 'Point' ? ([geometry.coordinates[0]!, geometry.coordinates[1]!] as const) : undefined;
  const judged = judgeRow(
    mapping,
    { text: (column) => row.text(column), lonLat },
    dataset.timezone,
    readings,
  );
  if ('rejected' in judged) return refusedRecord(judged.rejected);
  const flags = judged.flagged ? QUALITY.flagged : 0;
  const outcome =
    mapping.observations !== undefined
      ? observationsOf(row, mapping.observations, reader, place, flags)
      : mapping.events !== undefined
        ? eventOf(row, mapping.events, reader, place, flags)
        : featureOf(row, mapping.features!, reader, place, flags);
  return { dataset: dataset.id, ...outcome };
}

/** How many readings a row would give: its mapped values that are present, or one. */
function readingsOf(row: TableRow, mapping: TableMapping): number {
  return mapping.observations === undefined
    ? 1
    : mapping.observations.values.filter((value) => row.text(value.column) !== undefined).length;
}

/** Every column a mapping names: a header without one of them belongs to another table. */
function columnsOf({ position, observations, events, features, rules }: TableMapping): readonly string[] {
  const times = [observations?.time, events?.start, events?.end, events?.updated];
  const names = [
    position?.lon,
    position?.lat,
    position?.easting,
    position?.northing,
    position?.height,
    observations?.thingColumn,
    ...(observations?.values ?? []).map((value) => value.column),
    ...times.flatMap((time) => time?.columns ?? []),
    ...(events?.key ?? features?.key ?? []),
    events?.category,
    events?.status?.column,
    ...(events?.title ?? []),
    ...(events?.attributes ?? features?.attributes ?? []),
    features?.name,
    ...rules.flatMap((rule) =>
      'column' in rule ? [rule.column, ...('other' in rule ? [rule.other] : [])] : [],
    ),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}
