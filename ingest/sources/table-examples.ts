import type { z } from 'zod';
import type { mappingSchema } from '../model/index.ts';

/** Mappings of the example context, one for each kind of item a row may give. */
export const EXAMPLE_MAPPINGS: readonly z.input<typeof mappingSchema>[] = [
  {
    id: 'example-observations',
    dataset: 'example-live',
    format: 'csv',
    nulls: ['', 'NA'],
    observations: {
      thingColumn: 'station',
      things: { North: 'air-1' },
      time: { columns: ['date', 'hour'], formats: ['YYYY-MM-DD H'] },
      values: [
        { column: 'PM2.5', property: 'pm25' },
        { column: 'CO', property: 'co', unit: 'ug/m3' },
      ],
    },
  },
  {
    id: 'example-cases',
    dataset: 'example-archive',
    format: 'csv',
    position: { lon: 'lon', lat: 'lat' },
    rules: [{ rule: 'not-before', column: 'closed', other: 'opened', action: 'flag' }],
    events: {
      key: ['id'],
      eventType: 'case',
      category: 'type',
      start: { columns: ['opened'], formats: ['M/D/YYYY H:mm'] },
      end: { columns: ['closed'], formats: ['M/D/YYYY H:mm'] },
      status: { column: 'status', open: ['Open'], closed: ['Closed'] },
      attributes: ['agency'],
    },
  },
  {
    id: 'example-schools',
    dataset: 'example-archive',
    format: 'geojson',
    position: { geometry: true },
    rules: [{ rule: 'required', column: 'name', action: 'refuse' }],
    features: { key: ['id'], featureType: 'school', name: 'name', attributes: ['pupils'] },
  },
];
