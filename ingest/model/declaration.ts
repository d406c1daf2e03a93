/**
 * What decoding depends on, as validated data: datasets, Things, cameras and table mappings. Every change is also a
 * control entry in the journal, so that a replay decodes each message with what was true when it arrived.
 */
import { z } from 'zod';
import { DATUMS } from './position.ts';

const id = z
  .string()
  .min(1)
  .max(128)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._:~-]*$/u,
    'letters, digits and . _ : ~ - only, starting with a letter or digit',
  );
const text = z.string().min(1).max(1000);

/** Times that a live device or an archive may report, checked against `receivedAt` or absolutely. */
export const timeRangeSchema = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('live'),
    maxAgeMs: z
      .number()
      .int()
      .positive()
      .default(7 * 86_400_000),
    maxAheadMs: z
      .number()
      .int()
      .nonnegative()
      .default(5 * 60_000),
  }),
  /** Half-open span of instants `[from, to)`, ISO 8601 with zone. */
  z.strictObject({
    mode: z.literal('archive'),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
  }),
]);
export type TimeRange = z.infer<typeof timeRangeSchema>;

/**
 * How the two numbers of a position are to be read, where it is not simply the dataset's datum: an id (`gk3-35`), an EPSG code, or an
 * object (a zone, or a city's own system). What may be written is the grid room's; declarations are checked against it.
 */
export const coordinateReferenceSchema = z.union([
  z.string().min(1).max(300),
  z.record(z.string().max(40), z.union([z.string().max(40), z.number(), z.boolean()])),
]);
export type CoordinateReferenceDeclaration = z.infer<typeof coordinateReferenceSchema>;

/** What heights are counted from: `ellipsoidal`, or above sea level or the ground by a declared offset in metres. */
export const heightReferenceSchema = z.union([
  z.string().min(1).max(60),
  z.strictObject({ above: z.literal('sea-level'), undulationM: z.number() }),
  z.strictObject({ above: z.literal('ground'), groundHeightM: z.number() }),
]);
export type HeightReferenceDeclaration = z.infer<typeof heightReferenceSchema>;

export const positionSchema = z.strictObject({
  lonDeg: z.number().min(-180).max(180),
  latDeg: z.number().min(-90).max(90),
  heightM: z.number().min(-12_000).max(100_000).optional(),
  /** What `heightM` is counted from; default the ellipsoid. */
  heightReference: heightReferenceSchema.optional(),
  datum: z.enum(DATUMS).default('wgs84'),
  precisionM: z.number().positive().max(1_000_000).optional(),
});

export const propertySchema = z.strictObject({
  id,
  nameEn: text,
  nameZh: text,
  unit: z.string().min(1).max(40),
  min: z.number(),
  max: z.number(),
});

/** A dataset (DCAT): what is offered, by whom, under which terms. DEMO is a property of it. */
export const datasetSchema = z.strictObject({
  id,
  titleEn: text,
  titleZh: text,
  /** Owning department. */
  publisherEn: text,
  publisherZh: text,
  licence: text,
  attribution: z.string().max(1000).optional(),
  shareType: z.enum(['unconditional', 'conditional', 'not-shared']).default('unconditional'),
  grade: z
    .enum(['general-1', 'general-2', 'general-3', 'general-4', 'important', 'core'])
    .default('general-1'),
  /** How often new records are expected, in ms: ages are judged against it. */
  periodMs: z.number().int().positive(),
  demo: z.boolean().default(false),
  /** True where positions or poses were invented for a test or a demonstration. */
  inventedPose: z.boolean().default(false),
  /** Days for which its observations are kept, by phenomenonTime; left out: as the index keeps everything. */
  retentionDays: z.number().int().positive().optional(),
  /** IANA time zone in which naive times of this dataset are read. */
  timezone: z.string().default('Asia/Shanghai'),
  datum: z.enum(DATUMS).default('wgs84'),
  /**
   * What heights in its messages and files are counted from. Left out: heights of formats that define their own are read by them (Jingwei
   * JSON: the ellipsoid), any others are not stored.
   */
  heightReference: heightReferenceSchema.optional(),
  timeRange: timeRangeSchema.default({ mode: 'live', maxAgeMs: 7 * 86_400_000, maxAheadMs: 5 * 60_000 }),
  /**
   * Is another value for an instant that has one a correction of it? Then the later resultTime stands, and the earlier one is kept for
   * audit. Left out: both values are kept. A datastream may say otherwise for itself.
   */
  corrections: z.boolean().optional(),
  properties: z.array(propertySchema).max(1000).default([]),
});
export type DatasetDeclaration = z.infer<typeof datasetSchema>;

export const datastreamSchema = z.strictObject({
  property: id,
  /** UCUM unit the device reports in; converted to the property's canonical unit. Default: canonical. */
  unit: z.string().max(40).optional(),
  /** Expected reporting period in ms: a figure older than this greys. */
  periodMs: z.number().int().positive(),
  /** Narrower physical limits than the property's, canonical unit, inclusive. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** A limit above which an operator should act (river warning level and the like), canonical unit. */
  warnAbove: z.number().optional(),
  warnBelow: z.number().optional(),
  /** As of the dataset, for this datastream alone. */
  corrections: z.boolean().optional(),
});
export type DatastreamDeclaration = z.infer<typeof datastreamSchema>;

/**
 * A camera's pose: where it stands is the Thing's position; this is how it looks. Pinhole, no lens distortion, flat ground.
 * Angles in degrees: heading clockwise from true north, tilt below the horizon, `hfovDeg` horizontal field of view.
 */
export const poseSchema = z.strictObject({
  headingDeg: z.number().min(0).lt(360),
  tiltDeg: z.number().min(-90).max(90),
  mountHeightM: z.number().positive().max(500),
  hfovDeg: z.number().positive().lt(180),
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  /** Farther than this a projected ground point is not trusted and the camera's own place is used. Metres. */
  rangeM: z.number().positive().default(150),
});
export type CameraPose = z.infer<typeof poseSchema>;

/** A Thing (SensorThings) with its Datastreams; a camera is a Thing with a pose. */
export const thingSchema = z.strictObject({
  id,
  dataset: id,
  nameEn: text,
  nameZh: text,
  /** Open list used for icons and filters: air-station, water-station, rain-gauge, street-light, traffic-counter, bus, camera. */
  category: id,
  /** Fixed Things carry it; moving Things leave it out and report their own. */
  position: positionSchema.optional(),
  /** Principal (credential) that may speak for this Thing besides itself, for gateways and video servers. */
  gateway: id.optional(),
  /** The name by which its gateway knows it, e.g. the Frigate camera name. Unique per gateway. */
  alias: z.string().max(200).optional(),
  datastreams: z.array(datastreamSchema).max(200).default([]),
  pose: poseSchema.optional(),
  properties: z.record(z.string(), z.string()).default({}),
});
export type ThingDeclaration = z.infer<typeof thingSchema>;

/** Where a column's text goes. `times` are read in the dataset's time zone unless the text carries an offset. */
const columnTime = z.strictObject({
  columns: z.array(z.string()).min(1).max(6),
  /** Day.js-like patterns tried in order against the columns joined by one space; `iso` reads ISO 8601, `epoch-s`, `epoch-ms`. */
  formats: z.array(z.string()).min(1),
});

/** A quality rule on one record. `refuse`: not stored; `hold`: waits in quarantine; `flag`: stored with a mark. */
export const rowRuleSchema = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('required'),
    column: z.string(),
    action: z.enum(['refuse', 'hold', 'flag']),
  }),
  z.strictObject({
    rule: z.literal('not-before'),
    column: z.string(),
    other: z.string(),
    action: z.enum(['refuse', 'hold', 'flag']),
  }),
  z.strictObject({
    rule: z.literal('not-greater'),
    column: z.string(),
    other: z.string(),
    action: z.enum(['refuse', 'hold', 'flag']),
  }),
  z.strictObject({
    rule: z.literal('inside'),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    action: z.enum(['refuse', 'hold', 'flag']),
  }),
]);
/** A rule on a whole delivery, judged before any of its rows is taken. */
export const deliveryRuleSchema = z.discriminatedUnion('rule', [
  z.strictObject({
    rule: z.literal('constant-coordinate'),
    /** Share of located rows with one and the same coordinate, above which the rule bites. */
    share: z.number().gt(0).max(1).default(0.5),
    minRows: z.number().int().min(2).default(20),
    action: z.enum(['refuse', 'hold', 'flag']),
  }),
]);

/**
 * How the rows of a table (CSV, TSV, GeoJSON feature properties, NDJSON objects) become model items. One row may give
 * several readings.
 */
export const mappingSchema = z
  .strictObject({
    id,
    dataset: id,
    format: z.enum(['csv', 'geojson', 'ndjson', 'json-array']),
    encoding: z.string().default('utf-8'),
    delimiter: z.string().length(1).default(','),
    /** Texts that mean "no value". */
    nulls: z.array(z.string()).default(['']),
    /** Inbox file names this mapping takes: a glob with `*` only. */
    files: z.array(z.string()).default([]),
    position: z
      .strictObject({
        lon: z.string().optional(),
        lat: z.string().optional(),
        /** Columns in metres, for a plane `reference`. Chinese tables often head the northing X and the easting Y. */
        easting: z.string().optional(),
        northing: z.string().optional(),
        /** GeoJSON geometry of the feature itself; easting before northing where `reference` is a plane. */
        geometry: z.boolean().optional(),
        /** How the coordinates are to be read; default the dataset's datum. Where it is declared, rules see CGCS2000. */
        reference: coordinateReferenceSchema.optional(),
        /** Column of the height, metres. */
        height: z.string().optional(),
        /** What heights (the column's, or the third coordinate of a geometry) are counted from; default the dataset's. */
        heightReference: heightReferenceSchema.optional(),
      })
      .optional(),
    rules: z.array(rowRuleSchema).default([]),
    deliveryRules: z.array(deliveryRuleSchema).default([]),
    /** Exactly one of the three. */
    observations: z
      .strictObject({
        /** Column whose value (after `things` look-up) names the Thing. */
        thingColumn: z.string(),
        things: z.record(z.string(), z.string()).default({}),
        time: columnTime,
        values: z
          .array(
            z.strictObject({
              column: z.string(),
              property: id,
              unit: z.string().optional(),
              codes: z.record(z.string(), z.number()).optional(),
            }),
          )
          .min(1),
      })
      .optional(),
    events: z
      .strictObject({
        key: z.array(z.string()).min(1),
        eventType: id,
        category: z.string(),
        start: columnTime,
        end: columnTime.optional(),
        updated: columnTime.optional(),
        status: z
          .strictObject({ column: z.string(), open: z.array(z.string()), closed: z.array(z.string()) })
          .optional(),
        title: z.array(z.string()).default([]),
        attributes: z.array(z.string()).default([]),
      })
      .optional(),
    features: z
      .strictObject({
        key: z.array(z.string()).min(1),
        featureType: id,
        name: z.string().optional(),
        layer: z.enum(['above', 'surface', 'underground']).default('surface'),
        attributes: z.array(z.string()).default([]),
      })
      .optional(),
  })
  .refine((m) => [m.observations, m.events, m.features].filter(Boolean).length === 1, {
    message: 'exactly one of observations, events and features must be declared',
  });
export type TableMapping = z.infer<typeof mappingSchema>;

/** One declaration as registered, journalled and exported. */
export const declarationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dataset'), body: datasetSchema }),
  z.strictObject({ kind: z.literal('thing'), body: thingSchema }),
  z.strictObject({ kind: z.literal('mapping'), body: mappingSchema }),
  z.strictObject({
    kind: z.literal('remove'),
    body: z.strictObject({ kind: z.enum(['dataset', 'thing', 'mapping']), id }),
  }),
]);
export type Declaration = z.infer<typeof declarationSchema>;
/** What a person or a file writes: defaults may be left out. */
export type DeclarationInput = z.input<typeof declarationSchema>;
