/** Topic names and topic filters of MQTT (3.1.1 and 5.0, section 4.7). Pure. */

/** Number of levels: `a/b` has two, `/a` too. */
export function topicLevels(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf('/'); at !== -1; at = topic.indexOf('/', at + 1)) levels++;
  return levels;
}

/** Why `topic` cannot be published to, or undefined when it can: [MQTT-4.7.1-1], [MQTT-4.7.3-1], [MQTT-4.7.3-2]. */
export function topicNameFault(topic: string): string | undefined {
  if (topic === '') return 'topic is empty';
  if (topic.includes('+') || topic.includes('#')) return 'topic has a wildcard';
  if (topic.includes('\0')) return 'topic has a NUL character';
  return undefined;
}

/** Why `filter` is not a topic filter, or undefined when it is: [MQTT-4.7.1-2], [MQTT-4.7.1-3]. */
export function topicFilterFault(filter: string): string | undefined {
  if (filter === '') return 'filter is empty';
  if (filter.includes('\0')) return 'filter has a NUL character';
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1))
      return '"#" must be a whole level and the last one';
    if (level.includes('+') && level !== '+') return '"+" must be a whole level';
  }
  return undefined;
}

/** Does `topic` match `filter`? A wildcard in the first level never matches a `$` topic [MQTT-4.7.2-1]. */
export function topicMatches(filter: string, topic: string): boolean {
  return levelsCover(filter.split('/'), topic.split('/'), topic.startsWith('$'));
}

/**
 * Does every topic that matches `requested` also match `allowed`? Decides whether a client may subscribe.
 * Both must be valid filters.
 */
export function filterCovers(allowed: string, requested: string): boolean {
  // Every topic has a first level, so "+/#" reaches what "#" reaches.
  const reach = allowed === '+/#' ? '#' : allowed;
  return levelsCover(reach.split('/'), requested.split('/'), requested.startsWith('$'));
}

/** A topic is a filter without wildcards, so one comparison serves both questions. */
function levelsCover(allowed: readonly string[], wanted: readonly string[], dollar: boolean): boolean {
  for (const [index, level] of allowed.entries()) {
    const wildcardAllowed = index > 0 || !dollar;
    // "a/#" also matches its parent "a" [MQTT-4.7.1-2].
    if (level === '#') return wildcardAllowed && wanted.length >= index;
    const other = wanted[index];
    if (other === undefined || other === '#') return false;
    if (level === '+' ? !wildcardAllowed : level !== other) return false;
  }
  return allowed.length === wanted.length;
}
