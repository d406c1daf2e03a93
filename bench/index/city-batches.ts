import { type Declaration, declarationSchema, type LoadBatch } from '../../ingest/model/index.ts';
import { type City, cityRows, observationColumns } from './city-rows.ts';

export const DATASET = 'bench';
export const PROPERTY = 'speed';

/** Entries `[from, from + 1)` of the journal: rows `[start, end)` of the city. The first one declares dataset and Things. */
export function cityBatch(city: City, from: number, start: number, end: number): LoadBatch {
  const record = {
    position: from,
    dataset: DATASET,
    sourceId: 'jingwei-json',
    delivery: '',
    refused: 0,
    held: 0,
    redelivery: false,
  };
  const rows = cityRows(city, start, end);
  return {
    from,
    to: from + 1,
    head: from + 1,
    // Nothing is late: a day's rows come on that day.
    newestReceivedAt: rows.time.at(-1)!,
    declarations: from === 0 ? declarations(city.things) : [],
    datastreams: Array.from({ length: city.things }, (_, i) => ({
      dataset: DATASET,
      thing: thingName(i),
      property: PROPERTY,
    })),
    observations: observationColumns(rows),
    events: [],
    features: [],
    rejections: [],
    records: new Array(end - start).fill(record),
  };
}

export function thingName(thing: number): string {
  return `t${thing}`;
}

function declarations(things: number): Declaration[] {
  const one = (body: object, kind: string) => declarationSchema.parse({ kind, body });
  const words = { titleEn: 'b', titleZh: 'b', publisherEn: 'b', publisherZh: 'b', licence: 'b' };
  return [
    one({ id: DATASET, ...words, periodMs: 5000 }, 'dataset'),
    ...Array.from({ length: things }, (_, i) =>
      one(
        {
          id: thingName(i),
          dataset: DATASET,
          nameEn: 'b',
          nameZh: 'b',
          category: 'bus',
          datastreams: [{ property: PROPERTY, periodMs: 3_600_000 }],
        },
        'thing',
      ),
    ),
  ];
}
