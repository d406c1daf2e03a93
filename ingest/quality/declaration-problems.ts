/**
 * What is wrong with a declaration beyond its schema: units, properties, time zones and formats that decoding would stumble
 * over. Refused when declared, so that no message meets them.
 */
import type {
  DatastreamDeclaration,
  Declaration,
  DecodeContext,
  TableMapping,
  ThingDeclaration,
} from '../model/index.ts';
import { isTimeFormat } from './time-text.ts';
import { unitConversion } from './units.ts';
import { isTimeZone } from './zone-time.ts';

/**
 * Judges one declaration against a context that already holds those declared before it and with it.
 *
 * @returns Sentences, empty where nothing is wrong.
 */
export function declarationProblems(declaration: Declaration, context: DecodeContext): readonly string[] {
  switch (declaration.kind) {
    case 'dataset': {
      const { id, timezone, timeRange, properties } = declaration.body;
      const problems = isTimeZone(timezone) ? [] : [`Time zone "${timezone}" of "${id}" is not an IANA name`];
      if (timeRange.mode === 'archive' && Date.parse(timeRange.from) >= Date.parse(timeRange.to)) {
        problems.push(`Time range of "${id}" is empty: "${timeRange.from}" must be before "${timeRange.to}"`);
      }
      for (const property of properties) {
        if (unitConversion(property.unit, property.unit) === undefined) {
          problems.push(
            `Unit "${property.unit}" of property "${property.id}" is not a UCUM unit that is known here`,
          );
        }
        if (!(property.min <= property.max))
          problems.push(`Limits of property "${property.id}" are upside down`);
      }
      return problems;
    }
    case 'thing':
      return thingProblems(declaration.body, context);
    case 'mapping':
      return mappingProblems(declaration.body, context);
    case 'remove':
      return [];
  }
}

function thingProblems(thing: ThingDeclaration, context: DecodeContext): readonly string[] {
  if (context.dataset(thing.dataset) === undefined) {
    return [`Dataset "${thing.dataset}" of "${thing.id}" is not declared`];
  }
  const problems = thing.datastreams.flatMap((datastream) => datastreamProblems(thing, datastream, context));
  const seen = new Set<string>();
  for (const { property } of thing.datastreams) {
    if (seen.has(property)) problems.push(`"${thing.id}" declares the property "${property}" twice`);
    seen.add(property);
  }
  if (thing.pose !== undefined && thing.position === undefined) {
    problems.push(`Camera "${thing.id}" has a pose and no position`);
  }
  return problems;
}

function datastreamProblems(
  thing: ThingDeclaration,
  datastream: DatastreamDeclaration,
  context: DecodeContext,
): readonly string[] {
  const property = context.property(datastream.property, thing.dataset);
  if (property === undefined) return [`Property "${datastream.property}" of "${thing.id}" is not declared`];
  const problems = unitProblems(datastream.unit, property.unit, `${thing.id}/${property.id}`);
  const min = Math.max(property.min, datastream.min ?? property.min);
  const max = Math.min(property.max, datastream.max ?? property.max);
  return min <= max
    ? problems
    : [...problems, `Limits of "${thing.id}/${property.id}" leave no value: ${min}..${max}`];
}

function unitProblems(unit: string | undefined, canonical: string, where: string): readonly string[] {
  return unitConversion(unit ?? canonical, canonical) === undefined
    ? [`Unit "${unit ?? canonical}" of "${where}" cannot be converted to "${canonical}"`]
    : [];
}

function mappingProblems(mapping: TableMapping, context: DecodeContext): readonly string[] {
  if (context.dataset(mapping.dataset) === undefined) {
    return [`Dataset "${mapping.dataset}" of mapping "${mapping.id}" is not declared`];
  }
  const problems: string[] = [];
  const { observations, events } = mapping;
  for (const time of [observations?.time, events?.start, events?.end, events?.updated]) {
    for (const format of time?.formats ?? []) {
      if (!isTimeFormat(format)) problems.push(`Time format "${format}" of "${mapping.id}" cannot be read`);
    }
  }
  for (const value of observations?.values ?? []) {
    const property = context.property(value.property, mapping.dataset);
    if (property === undefined) {
      problems.push(`Property "${value.property}" of mapping "${mapping.id}" is not declared`);
    } else problems.push(...unitProblems(value.unit, property.unit, `${mapping.id}/${value.column}`));
  }
  try {
    new TextDecoder(mapping.encoding);
  } catch {
    problems.push(`Encoding "${mapping.encoding}" of mapping "${mapping.id}" is not known`);
  }
  if (mapping.position?.geometry === true && mapping.format === 'csv') {
    problems.push(`Mapping "${mapping.id}" reads a geometry from CSV: CSV rows have none`);
  }
  return problems;
}
