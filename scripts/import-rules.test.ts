import { describe, expect, it } from 'vitest';
import { importFaults, importsOf } from './import-rules.ts';

describe('importFaults', () => {
  it('lets a room import what the design allows, by the front door', () => {
    const text =
      "import { h3 } from '../grid/index.ts';\nimport type { Reading } from './model/outcome.ts';\n";
    expect(importFaults('ingest/encode.ts', text)).toEqual([]);
  });

  it('refuses the wrong direction, the side door and native code in browser-safe rooms', () => {
    const wrong = importFaults(
      'grid/h3.ts',
      "import { x } from '../ingest/index.ts';\nimport { readFileSync } from 'node:fs';\n",
    );
    expect(wrong.map((fault) => fault.reason)).toEqual([
      'grid/ may not import ingest/',
      'grid/ must stay loadable by a browser',
    ]);
    const side = importFaults('services/main.ts', "import { x } from '../analytics/store/open.ts';");
    expect(side[0]?.reason).toBe('analytics/ is entered by its index.ts only');
    expect(side[0]?.line).toBe(1);
  });

  it('sees multi-line, side-effect, re-export and dynamic imports', () => {
    const text =
      "import {\n  a,\n  b,\n} from './a.ts';\nimport './b.css';\nexport * from './c.ts';\nconst d = await import('./d.ts');\n";
    expect(importsOf(text).map((found) => [found.specifier, found.line])).toEqual([
      ['./a.ts', 4],
      ['./b.css', 5],
      ['./c.ts', 6],
      ['./d.ts', 7],
    ]);
  });
});
