/** A command of the command line as data, and how it speaks: results on standard output, everything else on standard error. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Options by name, as `node:util` takes them. */
export type ParseArgsOptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** What a command is given. */
export interface Invocation {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Shown by `--help`: usage, options, an example. */
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** True: options that are not listed are handed on (they become query parameters). */
  readonly openOptions?: boolean;
  /** @returns The exit code; undefined is 0. */
  run(invocation: Invocation): Promise<number | undefined>;
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** It was called rightly and could not be done: exit code 1, without a stack. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

const MARK = '\u0000';

/**
 * Reads the arguments behind the command's name.
 *
 * @throws {UsageError} Unknown options, missing values.
 */
export function readArguments(command: Command, args: readonly string[]): Invocation {
  const options = {
    ...command.options,
    help: { type: 'boolean', short: 'h' },
  } satisfies ParseArgsOptionsConfig;
  try {
    const open = command.openOptions === true;
    // parseArgs takes "-73.9" for options: a mark before it keeps it a value.
    const marked = args.map((word) => (/^-\d/.test(word) ? MARK + word : word));
    const { values, positionals } = parseArgs({
      args: open ? pairUp(marked, options) : marked,
      options,
      allowPositionals: true,
      strict: !open,
    });
    const unmarked = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(MARK, '') : value,
    ]);
    return {
      options: Object.fromEntries(unmarked) as Invocation['options'],
      positionals: positionals.map((word) => word.replace(MARK, '')),
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** `--level 7` as `--level=7`: without a list of options parseArgs cannot know that a value follows. */
function pairUp(args: readonly string[], known: ParseArgsOptionsConfig): string[] {
  const paired: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    const next = args[i + 1];
    const name = word.startsWith('--') ? word.slice(2) : undefined;
    const isSwitch = name !== undefined && known[name]?.type === 'boolean';
    if (
      name !== undefined &&
      !word.includes('=') &&
      !isSwitch &&
      next !== undefined &&
      !next.startsWith('--')
    ) {
      paired.push(`${word}=${next}`);
      i += 1;
    } else paired.push(word);
  }
  return paired;
}

/** One option as text; undefined when it was left out. */
export function text(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws {UsageError} When it was left out. */
export function required(invocation: Invocation, name: string): string {
  const value = text(invocation, name);
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

/** @throws {UsageError} When it is no number within the bounds. */
export function number(invocation: Invocation, name: string, min: number, max: number): number | undefined {
  const value = text(invocation, name);
  if (value === undefined) return undefined;
  const read = Number(value);
  if (value.trim() !== '' && read >= min && read <= max) return read;
  throw new UsageError(`--${name} is "${value}": a number ${min}..${max} is wanted`);
}

/** One line of a result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line for the person watching. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
