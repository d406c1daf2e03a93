import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatCoordinateReference, parseCoordinateReference } from './coordinate-reference.ts';
import { parseHeightReference } from './height.ts';
import { positionRefusal, toCgcs2000Batch } from './to-cgcs2000.ts';

const GUIDE = readFileSync(new URL('../../docs/coordinates.md', import.meta.url), 'utf8');

/** The rows of the table below a heading, as cells. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const section = GUIDE.slice(GUIDE.indexOf(`\n## ${heading}\n`) + 1);
  return [...section.slice(0, section.indexOf('\n## ')).matchAll(/^\| (.+) \|$/gm)]
    .map((match) => match[1]!.split(' | '))
    .filter(([first]) => first !== '' && !/^-+/.test(first ?? ''))
    .slice(1);
}
const quotedIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]!);

describe('docs/coordinates.md', () => {
  it('parseCoordinateReference reads every id and object of the table of references, those of a row to one kind', () => {
    const rows = tableOf('References');
    expect(rows.length).toBeGreaterThan(8);
    const references = rows.flatMap(([ids = '']) =>
      quotedIn(ids).map((id) => {
        const json = id.startsWith('{') ? id.replace(/(\w+):/g, '"$1":') : id;
        return formatCoordinateReference(parseCoordinateReference(json));
      }),
    );
    expect(references).toEqual([
      ...['cgcs2000', 'wgs84', 'cgcs2000', 'wgs84', 'gcj02', 'bd09'],
      ...['gk3-25', 'gk3-45', 'gk3-25', 'gk3-45'],
      ...['gk3-cm75', 'gk3-cm135', 'gk3-cm75', 'gk3-cm135'],
      ...['gk6-13', 'gk6-23', 'gk6-13', 'gk6-23'],
      ...['gk6-cm75', 'gk6-cm135', 'gk6-cm75', 'gk6-cm135'],
      'gk3-35',
      '{"centralMeridianDeg":104.5,"falseEastingM":500000,"falseNorthingM":0,"scale":1}',
    ]);
  });

  it('positionRefusal says the sentences of the table of refusals', () => {
    const [east, north] = [466_128, 3_939_072];
    const said = (
      [
        ['gk3-35', north, 35_000_000 + east],
        ['gk3-35', 36_000_000 + east, north],
        ['gk3-35', east, north],
        ['gk3-cm105', 35_000_000 + east, north],
        ['gk3-cm105', 850_000, north],
        ['wgs84', 35.6, 104.6],
      ] as const
    ).map(([id, a, b]) => positionRefusal(parseCoordinateReference(id), a, b)?.message ?? '');
    const rows = tableOf('What is refused');
    expect(rows).toHaveLength(said.length);
    rows.forEach(([, sentences = ''], i) => {
      for (const sentence of quotedIn(sentences)) expect(said[i]).toContain(sentence);
    });
  });

  it('parseHeightReference reads the table of heights', () => {
    const texts = tableOf('Heights').flatMap(([cell = '']) => quotedIn(cell));
    const read = texts.map((text) =>
      parseHeightReference(
        text.startsWith('{')
          ? JSON.parse(text.replace(/(\w+):/g, '"$1":').replace(/: (sea-level|ground)/, ': "$1"'))
          : text,
      ),
    );
    const sea = { above: 'sea-level', undulationM: -38.5 };
    const ground = { above: 'ground', groundHeightM: 1860 };
    expect(read).toEqual(['ellipsoidal', sea, sea, ground, ground]);
  });

  it('toCgcs2000Batch gives what the example in code says', () => {
    const code = GUIDE.slice(GUIDE.indexOf('## In code'));
    expect(code).toContain('// 1: the second row is refused');
    const reference = parseCoordinateReference('gk3-35');
    const easting = Float64Array.of(35_466_128.2518, 466_128.2518);
    const northing = Float64Array.of(3_939_072.365, 3_939_072.365);
    const [lonDeg, latDeg] = [new Float64Array(2), new Float64Array(2)];
    expect(toCgcs2000Batch(reference, easting, northing, lonDeg, latDeg)).toBe(1);
    expect([...lonDeg]).toEqual([expect.closeTo(104.6263, 8), Number.NaN]);
    expect(positionRefusal(reference, easting[1]!, northing[1]!)?.reason).toBe('zone-missing');
  });
});
