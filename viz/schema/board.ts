/** The board declaration: a dashboard is data, validated, versioned; panels and layers come from closed lists. */
import { z } from 'zod';

const local = z.strictObject({ en: z.string().min(1), zh: z.string().min(1) });

export const layerSchema = z.discriminatedUnion('type', [
  /** Zones coloured by the mean of a property; breaks are fixed and printed in the legend. */
  z.strictObject({
    id: z.string(),
    type: z.literal('zone-fill'),
    property: z.string(),
    title: local,
    breaks: z.array(z.number()).min(2).max(8),
    scale: z.enum(['sequential', 'diverging', 'aqi']),
    visible: z.boolean().default(true),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('thing-points'),
    title: local,
    categories: z.array(z.string()).default([]),
    visible: z.boolean().default(true),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('event-points'),
    title: local,
    eventTypes: z.array(z.string()).default([]),
    visible: z.boolean().default(true),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('feature-points'),
    title: local,
    featureTypes: z.array(z.string()).default([]),
    visible: z.boolean().default(true),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('camera-views'),
    title: local,
    visible: z.boolean().default(true),
  }),
]);
export type LayerDeclaration = z.infer<typeof layerSchema>;

export const panelSchema = z.discriminatedUnion('type', [
  z.strictObject({
    id: z.string(),
    type: z.literal('figures'),
    title: local,
    indicators: z.array(z.string()).min(1).max(12),
  }),
  z.strictObject({
    id: z.string(),
    type: z.literal('events'),
    title: local,
    eventTypes: z.array(z.string()).default([]),
    /** Event type shown at first; absent: all of them. */
    initial: z.string().optional(),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  z.strictObject({ id: z.string(), type: z.literal('feeds'), title: local }),
  z.strictObject({ id: z.string(), type: z.literal('video'), title: local }),
]);
export type PanelDeclaration = z.infer<typeof panelSchema>;

export const boardSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  version: z.number().int().positive(),
  title: local,
  map: z.strictObject({
    dggrs: z.enum(['h3', 'beidou2d']).default('h3'),
    /** Zoom -> level, by grid: the level follows the zoom. Pairs `[minZoom, level]`, ascending. */
    levels: z.strictObject({
      h3: z.array(z.tuple([z.number(), z.number().int()])).min(1),
      beidou2d: z.array(z.tuple([z.number(), z.number().int()])).min(1),
    }),
    layers: z.array(layerSchema).min(1),
  }),
  left: z.array(panelSchema),
  right: z.array(panelSchema),
});
export type BoardDeclaration = z.infer<typeof boardSchema>;
