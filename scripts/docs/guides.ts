/** The guides as text: which there are, what they link to, and the examples in them that a test decodes. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Folders that hold no guide of ours. */
const NOT_OURS = new Set(['node_modules', 'dist', 'data', '.git', 'coverage']);

/** Text of a file, by its path from the root. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** All Markdown files of the repository, as paths from its root. */
export function markdownFiles(folder: string = ROOT): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [relative(ROOT, path)] : [];
  });
}

/** A relative link of a guide. */
export interface Link {
  /** As written. */
  readonly text: string;
  /** Path from the root. */
  readonly target: string;
  /** Heading in the target; '' for none. */
  readonly anchor: string;
}

/** Relative links and pictures outside of code, with what they point to. */
export function linksOf(file: string, text: string): readonly Link[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor = ''] = link.split('#');
      const target = path === '' ? file : relative(ROOT, resolve(ROOT, dirname(file), path));
      return { text: link, target, anchor };
    });
}

/** Anchors of the headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map((match) =>
      match[1]!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** A fenced block behind an HTML comment that says what becomes of it. */
export interface MarkedBlock {
  /** The comment without its brackets: `decodes: jingwei-json topic=… items=2`. */
  readonly mark: string;
  readonly language: string;
  readonly body: string;
}

export function markedBlocks(text: string): readonly MarkedBlock[] {
  return [
    ...text.matchAll(/<!-- ((?:decodes|refused|declarations)[^>]*?) -->\n```(\w+)\n([\s\S]*?)^```/gm),
  ].map((match) => ({ mark: match[1]!, language: match[2]!, body: match[3]! }));
}

/** `key=value` words of a mark. */
export function wordsOf(mark: string): ReadonlyMap<string, string> {
  return new Map([...mark.matchAll(/(\w+)=(\S+)/g)].map((match) => [match[1]!, match[2]!]));
}
