/**
 * A file that declares an open data set and says through which door its records come: YAML (or JSON) with a list
 * `declarations` and a section `door`. Read by the command line, which registers the one and drives the other.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { IngestError } from './ingest-error.ts';
import { type Declaration, declarationSchema } from './model/index.ts';

const text = z.string().min(1).max(200);

/** A table replayed over MQTT as Jingwei JSON, one message a row, each by the device that its row names. */
const mqttReplaySchema = z.strictObject({
  kind: z.literal('mqtt-replay'),
  /** Topic with `{thing}` for the Thing's id. */
  topic: text.default('things/{thing}/observations'),
  delimiter: z.string().length(1).default(','),
  nulls: z.array(z.string()).default(['']),
  /** Column that names the Thing, and its values by Thing id. */
  thingColumn: text,
  things: z.record(z.string(), text),
  time: z.strictObject({
    columns: z.array(text).min(1).max(6),
    formats: z.array(text).min(1),
    timezone: text,
  }),
  /** Column by property; numbers go as they stand in the file, in the unit that the Datastream declares. */
  values: z
    .array(
      z.strictObject({
        column: text,
        property: text,
        codes: z.record(z.string(), z.number()).optional(),
      }),
    )
    .min(1),
});
/** How a table becomes MQTT messages. */
export type MqttReplayDoor = z.infer<typeof mqttReplaySchema>;

/** Files handed to the file door, each by the mapping whose `match` (a glob with `*`) takes its name. */
const fileSchema = z.strictObject({
  kind: z.literal('file'),
  deliveries: z.array(z.strictObject({ match: text, mapping: text })).min(1),
});

/** Whole files handed to the HTTP door as one message each, for a source that needs no mapping. */
const messageSchema = z.strictObject({
  kind: z.literal('message'),
  /** Glob by which a file is known, source that reads it and principal that brings it. */
  messages: z.array(z.strictObject({ match: text, source: text, principal: text })).min(1),
});

const doorSchema = z.discriminatedUnion('kind', [mqttReplaySchema, fileSchema, messageSchema]);
/** How the records of a declared data set are delivered. */
export type DoorSection = z.infer<typeof doorSchema>;

const declarationFileSchema = z.strictObject({
  declarations: z.array(declarationSchema).min(1).max(100_000),
  door: doorSchema,
});
/** What `readDeclarationFile` gives. */
export interface DeclarationFile {
  readonly declarations: readonly Declaration[];
  readonly door: DoorSection;
}

/**
 * Reads a declaration file, defaults filled in.
 *
 * @throws {IngestError} `declaration-invalid`, naming where and what.
 */
export function readDeclarationFile(source: string): DeclarationFile {
  let document: unknown;
  try {
    document = parse(source, { maxAliasCount: 1000 });
  } catch (cause) {
    throw new IngestError('declaration-invalid', 'Cannot read declaration file: it is not YAML', { cause });
  }
  const parsed = declarationFileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 20)
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new IngestError('declaration-invalid', `Cannot read declaration file: ${problems.join('; ')}`);
}

/** The first entry whose glob (`*` for any run of characters) takes the file name, if any. */
export function matchFile<T extends { readonly match: string }>(
  entries: readonly T[],
  fileName: string,
): T | undefined {
  return entries.find(({ match }) => {
    const expression = match.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${expression.join('.*')}$`).test(fileName);
  });
}
