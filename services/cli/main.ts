/** The command line: `npm run --silent jingwei -- <command>`. */
import { ConfigError } from '../config.ts';
import { CommandError, print, readArguments, say, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';

const [name, ...args] = process.argv.slice(2);
// A reader that has gone (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await main();
if (name === 'serve') process.exit();

async function main(): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    usage();
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) {
    say(`"${name}" is not a command; "jingwei --help" lists them`);
    return 2;
  }
  try {
    const invocation = readArguments(command, args);
    if (invocation.options.help === true) {
      print(command.help);
      return 0;
    }
    return (await command.run(invocation)) ?? 0;
  } catch (error) {
    return report(error, command.name);
  }
}

function report(error: unknown, command: string): number {
  if (error instanceof UsageError) {
    say(`${error.message}; see "jingwei ${command} --help"`);
    return 2;
  }
  if (error instanceof CommandError) say(error.message);
  else if (error instanceof ConfigError)
    for (const problem of error.problems) say(`wrong setting: ${problem}`);
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

function usage(): void {
  print('Usage: jingwei <command> [options]\n');
  for (const command of COMMANDS) print(`  ${command.name.padEnd(10)} ${command.summary}`);
  print('\n"jingwei <command> --help" explains one. Settings: "jingwei doctor".');
}
