import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineKind, LineScanner } from './scan-line.ts';

fc.configureGlobal({ seed: 39_409 });

function scan(
  text: string,
  reserved: readonly string[] = ['code', 'zoneId'],
): { kind: LineKind; scanner: LineScanner } {
  const bytes = Buffer.from(`x${text}y`);
  const scanner = new LineScanner(reserved);
  scanner.open(bytes, bytes.toString('latin1'));
  return { kind: scanner.scan(1, bytes.length - 1), scanner };
}

/** What the scan must have found, by `JSON.parse`. */
function expectSame(text: string): void {
  const { kind, scanner } = scan(text);
  if (kind === 'hard') return;
  const value = JSON.parse(text) as Record<string, unknown>;
  const numberOf = (member: unknown): number => (typeof member === 'number' ? member : Number.NaN);
  expect([scanner.lon, scanner.lat, scanner.height]).toEqual(
    [value.lon, value.lat, value.height].map(numberOf),
  );
  expect(Buffer.from(`x${text}`).toString('latin1')[scanner.closeAt]).toBe('}');
}

describe('LineScanner', () => {
  it('reads plain lines itself, whatever their order, blanks, nesting and script', () => {
    for (const text of [
      '{"lon":104.61,"lat":35.58}',
      ' { "lat" : -35.58e0 , "name" : "定西" , "lon" : 1E2 , "height" : -0 } \r',
      '{"a":[1,{"lon":7,"b":[]},"x",true,null],"lon":104.62629998101129,"lat":0.1,"height":12345678901234567890}',
      '{"a":"\\u00e9 \\n \\" \\\\","lon":3}',
      '{"lon":1,"lon":2,"lat":null,"height":"3"}',
      '{}',
    ]) {
      expect(scan(text).kind).toBe('plain');
      expectSame(text);
    }
  });

  it('leaves to JSON.parse what is wrong, escaped, nested too deep, or has a member that is added', () => {
    for (const text of [
      '{"lon":01}',
      '{"lon":1.}',
      '{"lon":.5}',
      '{"lon":+1}',
      '{"lon":1e}',
      '{"lon":-}',
      '{"lon":NaN}',
      '{"lon":1,}',
      '{,}',
      '{"lon"}',
      '{"lon":}',
      '{"lon":1 "lat":2}',
      '{"lon":1}}',
      '{"lon":1',
      '[1,2]',
      '1',
      '"x"',
      '',
      '{"a":tru}',
      '{"a":"\t"}',
      '{"l\\u006fn":1}',
      '{"a":"\\x"}',
      '{"a":"\\u12g4"}',
      '{"a":"\\u12',
      '{"a":"\\"}',
      '{"code":1}',
      '{"zoneId":1}',
      `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
      '{"a":[1,]}',
      '{"a":{"b"}}',
      "{'lon':1}",
    ]) {
      expect([text, scan(text).kind]).toEqual([text, 'hard']);
    }
  });

  it('tells a line with an id of its own', () => {
    expect(scan('{"id":1,"lon":2}').scanner.hasId).toBe(true);
    expect(scan('{"ID":1,"a":{"id":2},"lon":2}').scanner.hasId).toBe(false);
  });

  it('agrees with JSON.parse on any object, and on any text it takes for plain', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.double({ min: -180, max: 180, noNaN: true }),
    );
    const object = fc.record(
      { lon: number, lat: number, height: number, a: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(object, fc.integer({ min: 0, max: 2 }), (value, indent) => {
        expectSame(JSON.stringify(value, null, indent).replaceAll('\n', ' '));
      }),
      { numRuns: 2000 },
    );
    // Spoiled at one place: plain only if JSON.parse takes it too, and then with the same numbers.
    fc.assert(
      fc.property(
        object,
        fc.nat(),
        fc.constantFrom(...'{}[],:"\\-+.eE019 xu'),
        fc.boolean(),
        (value, place, char, isInserted) => {
          const text = JSON.stringify(value);
          const at = place % text.length;
          expectSame(text.slice(0, at) + char + text.slice(isInserted ? at : at + 1));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('reads decimals of sixteen digits below and above 2^53 as JSON.parse does', () => {
    for (let digits = 9_007_199_254_740_900n; digits < 9_007_199_254_741_100n; digits += 1n) {
      for (const places of [13, 14, 15]) {
        const text = `${digits}`.replace(new RegExp(`(?=.{${places}}$)`), '.');
        expect(scan(`{"lon":${text}}`).scanner.lon, text).toBe(Number(text));
      }
    }
  });

  it('reads decimals of any length as JSON.parse does, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 180 }),
        fc.stringMatching(/^[0-9]{1,30}$/),
        fc.boolean(),
        (whole, places, minus) => {
          const text = `{"lon":${minus ? '-' : ''}${whole}.${places}}`;
          expect(scan(text).scanner.lon).toBe((JSON.parse(text) as { lon: number }).lon);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
