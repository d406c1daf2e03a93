/** `ingest`: files through the doors that a customer has, and the proof that nothing was lost. */
import { CLIENT_HELP, CLIENT_OPTIONS } from './client.ts';
import type { Command } from './command.ts';

export const ingest: Command = {
  name: 'ingest',
  summary: 'Deliver files by a declaration, and check that everything is accounted for',
  help: `Usage: jingwei ingest <file...> --declaration <yaml>

A file that ends in .gz is unpacked on the way.
Registers the declarations of the YAML file, hands each file to the door that its section "door"
names (a declared table mapping, or a source), waits until the index has taken it all, and prints
a JSON balance. Exit code 1 when records in differ from stored + refused + held + duplicates.
Tables that a device would have sent over MQTT: "jingwei replay".
${CLIENT_HELP}`,
  options: { ...CLIENT_OPTIONS, declaration: { type: 'string' } },
  async run(invocation) {
    // Loaded here, so that the other commands start without the decoders.
    const { ingestFiles } = await import('./ingest-files.ts');
    return ingestFiles(invocation);
  },
};
