/** Longest piece of a declaration repeated in a message. */
const MAX_QUOTED = 200;

/** A declared value as a message repeats it: JSON where it has any, never longer than a line. */
export function quote(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, or an object that holds itself.
    text = String(value);
  }
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
}
