/**
 * The public names of the grid room with the first sentence of each doc comment, read from the source: the table of
 * docs/grid.md. A name without a comment is an error, so the table is also the check.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './guides.ts';

export interface GridName {
  readonly name: string;
  readonly kind: 'function' | 'value' | 'type' | 'class';
  /** First sentence of its doc comment. */
  readonly says: string;
  readonly file: string;
}

const EXPORTS = /export\s+(type\s+)?\{([^}]*)\}\s+from\s+'([^']+)'/g;

/** Every name that grid/index.ts exports. @throws {Error} for a name without a doc comment. */
export function gridNames(): readonly GridName[] {
  const index = readFileSync(join(ROOT, 'grid/index.ts'), 'utf8');
  const found: GridName[] = [];
  for (const [, , list, from] of index.matchAll(EXPORTS)) {
    const file = join('grid', from!);
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const item of list!.split(',')) {
      const [inner, outer] = item
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/);
      if (inner === undefined || inner === '') continue;
      found.push({ name: outer ?? inner, file, ...described(text, inner, file) });
    }
  }
  return found.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

function described(text: string, name: string, file: string): Pick<GridName, 'kind' | 'says'> {
  const declared = new RegExp(
    `(/\\*\\*(?:[^*]|\\*(?!/))*\\*/)?\\s*export (?:declare )?(async function\\*?|function\\*?|const|interface|type|class) ${name}\\b`,
  ).exec(text);
  if (declared === null) {
    const passedOn = new RegExp(`export[^;]*\\b${name}\\b[^;]*from '([^']+)'`).exec(text);
    if (passedOn === null) throw new Error(`Cannot find the declaration of "${name}" in ${file}`);
    const further = join(dirname(file), passedOn[1]!);
    return described(readFileSync(join(ROOT, further), 'utf8'), name, further);
  }
  const [, comment, word] = declared;
  if (comment === undefined) throw new Error(`"${name}" of ${file} has no doc comment`);
  const kinds = { const: 'value', interface: 'type', type: 'type', class: 'class' } as const;
  return { kind: kinds[word as keyof typeof kinds] ?? 'function', says: firstSentence(comment) };
}

function firstSentence(comment: string): string {
  const text = comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^\s*\* ?/gm, '')
    .replace(/\n\s*\n[\s\S]*$/, '')
    .replace(/\s+/g, ' ')
    .replace(/\s@[a-z]+ [\s\S]*$/, '')
    .trim();
  // A stop inside "e.g." ends nothing; a question keeps its mark.
  const end = /(?<!\be\.g)\.(?=\s+[A-Z0-9`-])|:(?=\s+[A-Z`-])|(?<=\?)(?=\s+[A-Z])|[.:]$/.exec(text);
  return end === null ? text : text.slice(0, end.index);
}
