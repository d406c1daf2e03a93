/** Declared rules on one record: required columns, order of times and values, inside a box. */
import type { EpochMs, Rejection, TableMapping } from '../model/index.ts';
import { readTime } from './time-text.ts';

/** What the rules need of a row: texts by column (undefined: no value) and its place in degrees. */
export interface RuleRow {
  text(column: string): string | undefined;
  readonly lonLat: readonly [lonDeg: number, latDeg: number] | undefined;
}

/** What the rules said of a row: whether to mark it, or why it is not stored. */
export type RuleVerdict = { readonly flagged: boolean } | { readonly rejected: Rejection };

/** Numbers as tables write them: no thousands separators, no spaces, no words. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

/** A finite number, strictly; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * Judges a row by the rules in the order of their declaration; the first that refuses or holds decides. A rule that
 * compares has nothing to say where one of its values is missing or unreadable.
 *
 * @param readings - How many readings the row would give: what a rejection stands for.
 */
export function judgeRow(
  mapping: TableMapping,
  row: RuleRow,
  timezone: string,
  readings: number,
): RuleVerdict {
  let flagged = false;
  for (const rule of mapping.rules) {
    const fault = ruleFault(mapping, rule, row, timezone);
    if (fault === undefined) continue;
    if (rule.action === 'flag') {
      flagged = true;
      continue;
    }
    const held = rule.action === 'hold';
    return {
      rejected: {
        code: held ? 'rule-held' : 'rule-refused',
        message: fault,
        disposition: held ? 'held' : 'refused',
        readings,
        dataset: mapping.dataset,
        ...('column' in rule ? { where: rule.column } : {}),
      },
    };
  }
  return { flagged };
}

function ruleFault(
  mapping: TableMapping,
  rule: TableMapping['rules'][number],
  row: RuleRow,
  timezone: string,
): string | undefined {
  if (rule.rule === 'inside') {
    if (row.lonLat === undefined) return undefined;
    const [lon, lat] = row.lonLat;
    const [west, south, east, north] = rule.bbox;
    if (lon >= west && lon <= east && lat >= south && lat <= north) return undefined;
    return `Position [${lon}, ${lat}] is outside the declared box [${rule.bbox.join(', ')}]`;
  }
  const text = row.text(rule.column);
  if (rule.rule === 'required') {
    return text === undefined ? `Column "${rule.column}" is empty: it is required` : undefined;
  }
  const other = row.text(rule.other);
  if (text === undefined || other === undefined) return undefined;
  if (rule.rule === 'not-before') {
    const a = columnTime(mapping, rule.column, text, timezone);
    const b = columnTime(mapping, rule.other, other, timezone);
    if (a === undefined || b === undefined || a >= b) return undefined;
    return `"${rule.column}" is "${text}": it must not be before "${rule.other}", which is "${other}"`;
  }
  const a = readNumber(text);
  const b = readNumber(other);
  if (a === undefined || b === undefined || a <= b) return undefined;
  return `"${rule.column}" is ${text}: it must not be greater than "${rule.other}", which is ${other}`;
}

/** A column's instant, by the formats under which the mapping declares it; ISO 8601 where it does not. */
function columnTime(
  mapping: TableMapping,
  column: string,
  text: string,
  timezone: string,
): EpochMs | undefined {
  const { observations, events } = mapping;
  const declared = [observations?.time, events?.start, events?.end, events?.updated].find(
    (time) => time?.columns.length === 1 && time.columns[0] === column,
  );
  const reading = readTime(text, declared?.formats ?? ['iso'], timezone);
  return 'utc' in reading ? reading.utc : undefined;
}
