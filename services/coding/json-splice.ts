/** Finds where in the text of a GeoJSON feature a property can be added, so that the rest of it keeps its bytes. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the value of a member of the outermost object begins and ends; the object is known to be valid JSON. */
export function memberSpan(
  text: string,
  name: string,
): { readonly start: number; readonly end: number } | undefined {
  let depth = 0;
  let wanted = false;
  let start = -1;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const close = endOfText(text, i);
      const isName = depth === 1 && start < 0 && /^\s*:/.test(text.slice(close + 1, close + 65));
      if (isName) wanted = JSON.parse(text.slice(i, close + 1)) === name;
      i = close;
    } else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) {
      depth -= 1;
      if (depth === 0 && start >= 0) return { start, end: trimmedEnd(text, start, i) };
    } else if (char === 0x3a && depth === 1 && wanted && start < 0) {
      start = i + 1;
      while (isSpace(text.charCodeAt(start))) start += 1;
      i = start - 1;
    } else if (char === 0x2c && depth === 1 && start >= 0) return { start, end: trimmedEnd(text, start, i) };
  }
  return undefined;
}

/** Names and texts (`"a": 1`) of the members of an object, in order; the object is known to be valid JSON. */
export function memberTexts(object: string): { readonly name: string; readonly text: string }[] {
  const members: { name: string; text: string }[] = [];
  let depth = 0;
  let start = -1;
  let nameEnd = -1;
  for (let i = 0; i < object.length; i += 1) {
    const char = object.charCodeAt(i);
    const ends = depth === 1 && start >= 0 && (char === 0x2c || char === 0x7d);
    if (ends) {
      const name = JSON.parse(object.slice(start, nameEnd)) as string;
      members.push({ name, text: object.slice(start, trimmedEnd(object, start, i)) });
      start = -1;
    }
    if (char === QUOTE) {
      const close = endOfText(object, i);
      if (depth === 1 && start < 0) {
        start = i;
        nameEnd = close + 1;
      }
      i = close;
    } else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return members;
}

/** The feature's text with properties added behind its own. */
export function withProperties(feature: string, added: string): string {
  const span = memberSpan(feature, 'properties');
  if (span === undefined) {
    const body = feature.slice(0, -1).trimEnd();
    return `${body}${body === '{' ? '' : ','}"properties":{${added}}}`;
  }
  const value = feature.slice(span.start, span.end);
  const body = value.startsWith('{') ? value.slice(0, -1).trimEnd() : '{';
  return `${feature.slice(0, span.start)}${body}${body === '{' ? '' : ','}${added}}${feature.slice(span.end)}`;
}

function endOfText(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === BACKSLASH) i += 1;
    else if (char === QUOTE) return i;
  }
  return text.length;
}

function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}
