/**
 * The examples of docs/grid.md: each block of `js` is followed by a block of `text` with what it prints. They run in plain Node against the
 * built library; `node --import tsx scripts/docs/grid-examples.ts` writes what they print into the guide.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGridLibrary } from '../testing/grid-library.ts';
import { ROOT, read } from './guides.ts';

export const GRID_GUIDE = 'docs/grid.md';

/** One example of the guide. */
export interface GridExample {
  /** Heading it stands below. */
  readonly heading: string;
  readonly source: string;
  /** What the guide says that it prints; undefined where no such block follows. */
  readonly printed: string | undefined;
}

const EXAMPLE = /^## (.+)$|^```js\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm;
/** Stands before the output of each example; none of them prints it. */
const BREAK = '\u001e';

/** The examples in the order of the guide. */
export function gridExamples(text: string = read(GRID_GUIDE)): readonly GridExample[] {
  let heading = '';
  return [...text.matchAll(EXAMPLE)].flatMap(([, title, source, printed]) => {
    if (title !== undefined) heading = title;
    return source === undefined ? [] : [{ heading, source, printed }];
  });
}

/** What each example prints, all in one process of plain Node; an error is printed where it happened. */
export function printedBy(examples: readonly GridExample[]): readonly string[] {
  ensureGridLibrary();
  // Inside the repository, where `jingwei/grid` resolves as it does for whoever installs the package.
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist', '.examples-'));
  try {
    const files = examples.map((example, n) => {
      writeFileSync(join(folder, `${n}.mjs`), example.source);
      return `./${n}.mjs`;
    });
    const all = `for (const file of ${JSON.stringify(files)}) {
  process.stdout.write('${BREAK}');
  await import(file).catch((error) => console.log(error));
}`;
    writeFileSync(join(folder, 'all.mjs'), all);
    const done = spawnSync('node', [join(folder, 'all.mjs')], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NO_COLOR: '1' },
    });
    if (done.status !== 0 || done.stderr !== '') throw new Error(`The examples failed: ${done.stderr}`);
    return done.stdout.split(BREAK).slice(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The guide with what its examples print now. */
export function withPrinted(text: string): string {
  const examples = gridExamples(text);
  const printed = printedBy(examples);
  let n = 0;
  return text.replace(EXAMPLE, (block: string, title: string | undefined, source: string) => {
    if (title !== undefined) return block;
    n += 1;
    return `\`\`\`js\n${source}\`\`\`\n\n\`\`\`text\n${printed[n - 1]}\`\`\``;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(ROOT, GRID_GUIDE), withPrinted(read(GRID_GUIDE)));
}
