/** Checks on declarations beyond their schema: do they refer only to what is there, and say only what can be done? */
import iconv from 'iconv-lite';
import { z } from 'zod';
import { aliasOf, applyDeclarations, type DeclarationState } from './declarations.ts';
import { IngestError } from './ingest-error.ts';
import {
  type DatasetDeclaration,
  type Declaration,
  declarationSchema,
  OBSERVED_PROPERTIES,
  type ObservedProperty,
  type TableMapping,
  type ThingDeclaration,
} from './model/index.ts';
import { declarationProblems } from './quality/declaration-problems.ts';

/** Most problems told in one answer: enough to repair a file by, short enough to read. */
const MAX_PROBLEMS = 20;
/** Declarations in one call. Ceiling: a city registers its Things in lots. */
export const MAX_DECLARATIONS = 200_000;

/**
 * Reads declarations by the schema, defaults filled in.
 *
 * @throws {IngestError} `declaration-invalid`, naming the first problems and where they are.
 */
export function parseDeclarations(input: readonly unknown[]): readonly Declaration[] {
  if (input.length > MAX_DECLARATIONS) {
    throw invalid([`${input.length} declarations in one call, must be at most ${MAX_DECLARATIONS}`]);
  }
  const parsed = z.array(declarationSchema).safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

/**
 * Checks that `declarations`, applied in order to `state`, refer only to what is declared by then.
 *
 * @throws {IngestError} `declaration-invalid`.
 */
export function checkDeclarations(state: DeclarationState, declarations: readonly Declaration[]): void {
  const problems: string[] = [];
  // What one call declares may refer to anything else in it, so references are checked against the state after it.
  const after = applyDeclarations(state, declarations);
  for (const { kind, body } of declarations) {
    if (kind === 'dataset') checkDataset(body, problems);
    else if (kind === 'thing') checkThing(body, state, after, problems);
    else if (kind === 'mapping') checkMapping(body, after, problems);
  }
  for (const declaration of declarations) problems.push(...declarationProblems(declaration, after));
  checkRemovals(declarations, after, problems);
  if (problems.length > 0) throw invalid(problems);
}

function checkDataset(dataset: DatasetDeclaration, problems: string[]): void {
  if (!isTimezone(dataset.timezone)) {
    problems.push(`Dataset "${dataset.id}": time zone "${dataset.timezone}" is not known`);
  }
  const seen = new Set<string>();
  for (const { id, unit } of dataset.properties) {
    if (seen.has(id)) problems.push(`Dataset "${dataset.id}": property "${id}" is declared twice`);
    seen.add(id);
    const shipped = (OBSERVED_PROPERTIES as Record<string, ObservedProperty>)[id];
    if (Object.hasOwn(OBSERVED_PROPERTIES, id) && shipped !== undefined && shipped.unit !== unit) {
      problems.push(
        `Dataset "${dataset.id}": property "${id}" ships with the unit "${shipped.unit}", declared is "${unit}"`,
      );
    }
  }
}

function checkThing(
  thing: ThingDeclaration,
  state: DeclarationState,
  after: DeclarationState,
  problems: string[],
): void {
  if (after.dataset(thing.dataset) === undefined) {
    problems.push(`Thing "${thing.id}": dataset "${thing.dataset}" is not declared`);
  }
  const other = aliasHolder(thing, state, after);
  // A later declaration of the same call may have changed this Thing again: only what holds after the call counts.
  if (after.thing(thing.id) === thing && other !== undefined) {
    problems.push(
      `Thing "${thing.id}": gateway "${thing.gateway}" already calls "${other}" by the alias "${thing.alias}"`,
    );
  }
  const seen = new Set<string>();
  for (const { property } of thing.datastreams) {
    if (after.property(property, thing.dataset) === undefined) {
      problems.push(`Thing "${thing.id}": observed property "${property}" is not known`);
    }
    if (seen.has(property)) problems.push(`Thing "${thing.id}": two datastreams of "${property}"`);
    seen.add(property);
  }
}

/** Another Thing that holds the alias of `thing` once all is applied. */
function aliasHolder(
  thing: ThingDeclaration,
  state: DeclarationState,
  after: DeclarationState,
): string | undefined {
  const key = aliasOf(thing);
  if (key === undefined) return undefined;
  const now = after.thingByAlias(thing.gateway!, thing.alias!)?.id;
  if (now !== undefined && now !== thing.id) return now;
  const before = state.thingByAlias(thing.gateway!, thing.alias!)?.id;
  const kept = before === undefined || before === thing.id ? undefined : after.thing(before);
  return kept !== undefined && aliasOf(kept) === key ? kept.id : undefined;
}

function checkMapping(mapping: TableMapping, after: DeclarationState, problems: string[]): void {
  if (after.dataset(mapping.dataset) === undefined) {
    problems.push(`Mapping "${mapping.id}": dataset "${mapping.dataset}" is not declared`);
  }
  const fault = encodingFault(mapping);
  if (fault !== undefined) {
    problems.push(`Mapping "${mapping.id}": encoding "${mapping.encoding}" ${fault}`);
  }
  for (const { property } of mapping.observations?.values ?? []) {
    if (after.property(property, mapping.dataset) === undefined) {
      problems.push(`Mapping "${mapping.id}": observed property "${property}" is not known`);
    }
  }
}

function checkRemovals(
  declarations: readonly Declaration[],
  after: DeclarationState,
  problems: string[],
): void {
  const gone = new Set<string>();
  for (const { kind, body } of declarations) {
    if (kind === 'remove' && body.kind === 'dataset' && after.dataset(body.id) === undefined)
      gone.add(body.id);
  }
  if (gone.size === 0) return;
  for (const thing of after.things()) {
    if (gone.has(thing.dataset))
      problems.push(`Dataset "${thing.dataset}" cannot go: Thing "${thing.id}" is in it`);
  }
  for (const mapping of after.mappings()) {
    if (gone.has(mapping.dataset))
      problems.push(`Dataset "${mapping.dataset}" cannot go: mapping "${mapping.id}" fills it`);
  }
}

/**
 * Files are cut into rows at the level of bytes, so that the bytes are kept as they came: quotes, commas and line ends must
 * be the bytes of ASCII. JSON is UTF-8 by definition (RFC 8259 section 8.1).
 */
function encodingFault({ encoding, format }: TableMapping): string | undefined {
  if (!iconv.encodingExists(encoding)) return 'is not known';
  const ascii = '",;|\t\r\n';
  if (iconv.encode(ascii, encoding).toString('latin1') !== ascii) {
    return 'is not supported: convert the file to UTF-8';
  }
  return format !== 'csv' && !/^utf-?8$/i.test(encoding) ? 'cannot hold JSON: it must be utf-8' : undefined;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function invalid(problems: readonly string[]): IngestError {
  const told = problems.slice(0, MAX_PROBLEMS).join('; ');
  const more = problems.length > MAX_PROBLEMS ? `; and ${problems.length - MAX_PROBLEMS} more` : '';
  return new IngestError('declaration-invalid', `Cannot declare: ${told}${more}`);
}
