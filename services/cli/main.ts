/** The command line: `npm run --silent jingwei -- <command>`. */
import { CommandError, print, readArguments, say, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';

const [name, ...args] = process.argv.slice(2);
// A reader that has gone (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await main();
if (name === 'serve') process.exit();

async function main(): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await usage();
    return name === undefined ? 2 : 0;
  }
  const entry = COMMANDS.find((known) => known.name === name);
  if (!entry) {
    say(`"${name}" is not a command; "jingwei --help" lists them`);
    return 2;
  }
  const command = await entry.load();
  try {
    const invocation = readArguments(command, args);
    if (invocation.options.help === true) {
      print(command.help);
      return 0;
    }
    return (await command.run(invocation)) ?? 0;
  } catch (error) {
    return await report(error, command.name);
  }
}

async function report(error: unknown, command: string): Promise<number> {
  if (error instanceof UsageError) {
    say(`${error.message}; see "jingwei ${command} --help"`);
    return 2;
  }
  if (error instanceof CommandError) {
    say(error.message);
    return 1;
  }
  // Told by their names: most commands need no backups.
  if (error instanceof Error && (error.name === 'BackupError' || error.name === 'RestoreCutError')) {
    say(error.message);
    return 1;
  }
  // Loaded here only: most commands need no settings.
  const { ConfigError } = await import('../config.ts');
  if (error instanceof ConfigError) for (const problem of error.problems) say(`wrong setting: ${problem}`);
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

async function usage(): Promise<void> {
  print('Usage: jingwei <command> [options]\n');
  const commands = await Promise.all(COMMANDS.map((entry) => entry.load()));
  for (const command of commands) print(`  ${command.name.padEnd(10)} ${command.summary}`);
  print('\n"jingwei <command> --help" explains one. Settings: "jingwei doctor".');
}
