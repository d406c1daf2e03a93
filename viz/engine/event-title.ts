/** What an event is called in a list: a detector's label in the person's language, else the title as it came. */
import type { Dictionary } from '../i18n/index.ts';
import type { EventAnswer } from '../schema/api.ts';

export function eventTitle(event: EventAnswer, text: Dictionary): string {
  const label = event.eventType === 'detection' ? text.label[event.category.toLowerCase()] : undefined;
  return label ?? event.title ?? event.category;
}
