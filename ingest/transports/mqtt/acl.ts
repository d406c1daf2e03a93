import type { Principal } from '../../model/index.ts';
import { filterCovers, topicFilterFault, topicMatches } from './topic-filter.ts';

/** What one principal may publish to and subscribe to. Pure; made anew when the principal changes. */
export interface TopicAccess {
  mayPublish(topic: string): boolean;
  maySubscribe(filter: string): boolean;
}

/**
 * The topic filters of a principal with `{id}` replaced by its id. An id that holds a wildcard or NUL would widen its own
 * filters, so it gets none; a declared filter that is not one allows nothing.
 */
export function topicAccess(principal: Principal): TopicAccess {
  const publish = expand(principal.publish, principal.id);
  const subscribe = expand(principal.subscribe, principal.id);
  return {
    mayPublish: (topic) => publish.some((filter) => topicMatches(filter, topic)),
    maySubscribe: (wanted) => subscribe.some((filter) => filterCovers(filter, wanted)),
  };
}

function expand(filters: readonly string[], id: string): readonly string[] {
  if (id === '' || /[+#\0]/.test(id)) return [];
  return filters
    .map((filter) => filter.replaceAll('{id}', () => id))
    .filter((filter) => topicFilterFault(filter) === undefined);
}
