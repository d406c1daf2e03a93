import { z } from 'zod';

const local = z.strictObject({ en: z.string().min(1), zh: z.string().min(1) });
const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/);

/**
 * How a figure is computed: a closed list. Each picks what it reads by observed property, by category of Thing or by type
 * of event, never by dataset, so that any feed of the kind serves it. Datasets declared as archives are left out: they
 * say what was, not what is.
 */
export const formulaSchema = z.discriminatedUnion('type', [
  /** Mean, greatest or sum of the latest readings. `perHour`: each reading is a count of its own period. */
  z.strictObject({ type: z.literal('latest-mean'), property: id }),
  z.strictObject({ type: z.literal('latest-max'), property: id }),
  z.strictObject({ type: z.literal('latest-sum'), property: id, perHour: z.boolean().default(false) }),
  /**
   * How many of the latest readings pass a threshold: `atLeast`, or above the level their datastream declares as
   * `warnAbove` (datastreams without one are not counted). As a percentage, or as the number of them.
   */
  z.strictObject({
    type: z.literal('latest-share'),
    property: id,
    threshold: z.union([z.literal('warn-above'), z.strictObject({ atLeast: z.number() })]),
    as: z.enum(['percent', 'count']),
  }),
  /** Sum of the readings of each datastream over a window before now: of all together, or the greatest of them. */
  z.strictObject({
    type: z.literal('window-sum'),
    property: id,
    windowMs: z.number().int().positive(),
    gather: z.enum(['max', 'sum']),
  }),
  /** Things of these categories that have reported within the window. */
  z.strictObject({
    type: z.literal('active-things'),
    categories: z.array(id).min(1),
    windowMs: z.number().int().positive(),
  }),
  /** Events of a type: started within the window, or in this status. */
  z.strictObject({
    type: z.literal('event-count'),
    eventType: id,
    windowMs: z.number().int().positive().optional(),
    status: z.literal('open').optional(),
  }),
  /** Share of feeds that report as often as they promise. */
  z.strictObject({ type: z.literal('feed-availability') }),
  /** Air quality index of the city; see `aqi.ts`. */
  z.strictObject({ type: z.literal('air-quality-index') }),
]);
export type Formula = z.infer<typeof formulaSchema>;

/** One indicator: its card, which the screen shows, and its formula. */
export const indicatorSchema = z.strictObject({
  id,
  title: local,
  meaning: local,
  formulaText: local,
  unit: z.string(),
  periodMs: z.number().int().positive(),
  source: local,
  accessMode: z.enum(['device', 'video', 'interface', 'by-hand']),
  owner: local,
  warnAbove: z.number().nullable().default(null),
  warnBelow: z.number().nullable().default(null),
  excellentBelow: z.number().nullable().default(null),
  excellentAbove: z.number().nullable().default(null),
  onWarning: local,
  digits: z.number().int().min(0).max(6),
  formula: formulaSchema,
});
export type Indicator = z.infer<typeof indicatorSchema>;
export type IndicatorInput = z.input<typeof indicatorSchema>;
