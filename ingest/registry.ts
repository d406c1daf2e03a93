import type { Source } from './model/index.ts';
import { frigate } from './sources/frigate.ts';
import { gtfsRt } from './sources/gtfs-rt.ts';
import { jingweiJson } from './sources/jingwei-json.ts';
import { onvifEj } from './sources/onvif-ej.ts';
import { onvifMj } from './sources/onvif-mj.ts';
import { ottrk } from './sources/ottrk.ts';
import { table } from './sources/table.ts';

/** Every wire format and feed that is read. The keys are the id type; `source.contract.ts` runs over all of them. */
export const SOURCES = {
  'jingwei-json': jingweiJson,
  frigate,
  'onvif-mj': onvifMj,
  'onvif-ej': onvifEj,
  'gtfs-rt': gtfsRt,
  ottrk,
  table,
} as const satisfies { readonly [id: string]: Source };

/** Id of a registered source. */
export type SourceId = keyof typeof SOURCES;

/** Topic filters by their level texts, in the order of the registry: the first that matches reads the message. */
const FILTERS = Object.values<Source>(SOURCES).flatMap((source) =>
  source.topics.map((filter) => ({ levels: filter.split('/'), source })),
);

/** The source that reads messages on this MQTT topic; undefined: nobody does. */
export function sourceForTopic(topic: string): Source | undefined {
  const levels = topic.split('/');
  return FILTERS.find((entry) => matches(entry.levels, levels))?.source;
}

/** [MQTT-4.7.1-2] `#` matches the parent level too; [MQTT-4.7.2-1] wildcards do not match topics that begin with `$`. */
function matches(filter: readonly string[], levels: readonly string[]): boolean {
  if (levels[0]?.startsWith('$') && !filter[0]?.startsWith('$')) return false;
  for (let i = 0; i < filter.length; i++) {
    if (filter[i] === '#') return true;
    if (i >= levels.length || (filter[i] !== '+' && filter[i] !== levels[i])) return false;
  }
  return filter.length === levels.length;
}
