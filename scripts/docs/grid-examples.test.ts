import { beforeAll, describe, expect, it } from 'vitest';
import { gridExamples, printedBy } from './grid-examples.ts';

describe('the examples of docs/grid.md', () => {
  const examples = gridExamples();
  let printed: readonly string[];
  beforeAll(() => {
    printed = printedBy(examples);
  }, 120_000);

  it('are there', () => {
    expect(examples.length).toBeGreaterThan(15);
  });

  it.each(examples.map((example, n) => [`${n + 1}: ${example.heading}`, n] as const))(
    'print what the guide says (%s)',
    (_name, n) => {
      expect(printed[n]).toBe(examples[n]!.printed);
    },
  );
});
