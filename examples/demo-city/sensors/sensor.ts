/** The words of the simulated fleet. */
import type { DatastreamDeclaration } from '../../../ingest/model/index.ts';
import type { County } from '../city/counties.ts';
import type { LonLat } from '../city/geometry.ts';

/** What an instrument says at an instant, in Jingwei JSON: one object of a message. */
export interface Sample {
  /** phenomenonTime, epoch ms. */
  readonly time: number;
  /** WGS 84, only where the instrument moves. */
  readonly location?: LonLat;
  /** Observed property to value, in the property's canonical unit. */
  readonly results: Readonly<Record<string, number>>;
}

export type SensorKind =
  | 'air-station'
  | 'water-station'
  | 'rain-gauge'
  | 'street-light'
  | 'traffic-counter'
  | 'bus';

/** One device: where it stands, what it measures and what it says at any instant. */
export interface Sensor {
  readonly id: string;
  readonly kind: SensorKind;
  readonly dataset: string;
  readonly nameEn: string;
  readonly nameZh: string;
  readonly county: County;
  /** Absent for what moves. */
  readonly at?: LonLat;
  /** Reporting period at rate 1, ms. */
  readonly periodMs: number;
  readonly datastreams: readonly Omit<DatastreamDeclaration, 'periodMs'>[];
  readonly properties: Readonly<Record<string, string>>;
  /** The reading at an instant; counts and sums are over `(instant - spanMs, instant]`. Pure. */
  read(instant: number, spanMs: number): Sample;
}

/** What every kind of sensor is made from. */
export interface FleetContext {
  readonly seed: number;
  /** How many of this kind. */
  readonly count: number;
}

/** `air-anding-03`: kind, county and a number of fixed width. */
export function sensorId(prefix: string, county: County, ordinal: number, width = 2): string {
  return `${prefix}-${county.id}-${String(ordinal).padStart(width, '0')}`;
}
