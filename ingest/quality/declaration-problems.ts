/**
 * What decoding would stumble over in a declaration whose references are already known to hold: units, limits, formats of
 * time. Refused when declared, so that no message meets them.
 */

import { declaredHeightM } from '../locate/height.ts';
import type {
  DatasetDeclaration,
  DatastreamDeclaration,
  Declaration,
  DecodeContext,
  TableMapping,
  ThingDeclaration,
} from '../model/index.ts';
import { heightReferenceProblems, placeProblems } from './place-problems.ts';
import { isTimeFormat } from './time-text.ts';
import { unitConversion } from './units.ts';

/**
 * Judges one declaration against a context that already holds those declared before it and with it.
 *
 * @returns Sentences, empty where nothing is wrong.
 */
export function declarationProblems(declaration: Declaration, context: DecodeContext): readonly string[] {
  switch (declaration.kind) {
    case 'dataset':
      return datasetProblems(declaration.body);
    case 'thing':
      return thingProblems(declaration.body, context);
    case 'mapping':
      return mappingProblems(declaration.body, context);
    case 'remove':
      return [];
  }
}

function datasetProblems({
  id,
  timeRange,
  properties,
  heightReference,
}: DatasetDeclaration): readonly string[] {
  const problems = heightReferenceProblems(heightReference, `Dataset "${id}", heightReference`);
  if (timeRange.mode === 'archive' && Date.parse(timeRange.from) >= Date.parse(timeRange.to)) {
    problems.push(`Time range of "${id}" is empty: "${timeRange.from}" must be before "${timeRange.to}"`);
  }
  for (const property of properties) {
    if (unitConversion(property.unit, property.unit) === undefined) {
      problems.push(
        `Unit "${property.unit}" of property "${property.id}" is not a UCUM unit that is known here`,
      );
    }
    if (property.min > property.max) problems.push(`Limits of property "${property.id}" are upside down`);
  }
  return problems;
}

function thingProblems(thing: ThingDeclaration, context: DecodeContext): readonly string[] {
  const problems = [
    ...thing.datastreams.flatMap((datastream) => datastreamProblems(thing, datastream, context)),
  ];
  if (thing.pose !== undefined && thing.position === undefined) {
    problems.push(`Camera "${thing.id}" has a pose and no position`);
  }
  const { position } = thing;
  const where = `Thing "${thing.id}", position`;
  const unread = heightReferenceProblems(position?.heightReference, `${where}.heightReference`);
  problems.push(...unread);
  if (position?.heightM !== undefined && unread.length === 0 && declaredHeightM(position) === undefined) {
    problems.push(`${where}.heightM is ${position.heightM}: it must be -12000..100000 m above the ellipsoid`);
  }
  return problems;
}

function datastreamProblems(
  thing: ThingDeclaration,
  datastream: DatastreamDeclaration,
  context: DecodeContext,
): readonly string[] {
  const property = context.property(datastream.property, thing.dataset);
  if (property === undefined) return [];
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
  const problems: string[] = [];
  const { observations, events } = mapping;
  for (const time of [observations?.time, events?.start, events?.end, events?.updated]) {
    for (const format of time?.formats ?? []) {
      if (!isTimeFormat(format)) problems.push(`Time format "${format}" of "${mapping.id}" cannot be read`);
    }
  }
  for (const value of observations?.values ?? []) {
    const property = context.property(value.property, mapping.dataset);
    if (property === undefined) continue;
    problems.push(...unitProblems(value.unit, property.unit, `${mapping.id}/${value.column}`));
  }
  problems.push(...placeProblems(mapping, context.dataset(mapping.dataset)));
  if (mapping.position?.geometry === true && mapping.format === 'csv') {
    problems.push(`Mapping "${mapping.id}" reads a geometry from CSV: CSV rows have none`);
  }
  return problems;
}
