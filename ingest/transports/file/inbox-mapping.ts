import type { DeclarationState } from '../../declarations.ts';
import type { TableMapping } from '../../model/index.ts';

/** The mapping whose pattern fits; of several the one with the most letters that are not wild, then by id. */
export function mappingFor(
  name: string,
  declared: Pick<DeclarationState, 'mappings'>,
): TableMapping | undefined {
  let best: { mapping: TableMapping; letters: number } | undefined;
  for (const mapping of declared.mappings()) {
    for (const glob of mapping.files) {
      if (!matchesGlob(glob, name)) continue;
      const letters = glob.replaceAll('*', '').length;
      const better =
        best === undefined ||
        letters > best.letters ||
        (letters === best.letters && mapping.id < best.mapping.id);
      if (better) best = { mapping, letters };
    }
  }
  return best?.mapping;
}

/** `*` stands for any text. */
function matchesGlob(glob: string, name: string): boolean {
  const parts = glob.split('*');
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (parts.length === 1) return glob === name;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
