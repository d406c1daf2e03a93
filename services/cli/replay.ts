/** `replay`: tables as the MQTT messages that devices would have sent, with their own times, at a chosen speed. */
import { CLIENT_HELP, CLIENT_OPTIONS } from './client.ts';
import type { Command } from './command.ts';

export const replay: Command = {
  name: 'replay',
  summary: 'Publish tables over MQTT (QoS 1) with their own times',
  help: `Usage: jingwei replay <file...> --declaration <yaml> [--speed <n|max>] [--mqtt mqtt://host:port]

A file that ends in .gz is unpacked on the way.
Registers the declarations, gives each Thing of the files a device credential (a device that exists
gets a new token), and publishes one message a row as that device, with the row's own time. --speed
60 plays an hour in a minute; max (default) sends as fast as acknowledgements come back. Waits for
every PUBACK and for the index, and prints a JSON balance. Exit code 1 when it does not balance.
  --mqtt <url>      MQTT address; default: the configured port on this machine
${CLIENT_HELP}`,
  options: {
    ...CLIENT_OPTIONS,
    declaration: { type: 'string' },
    speed: { type: 'string' },
    mqtt: { type: 'string' },
  },
  async run(invocation) {
    // Loaded here, so that the other commands start without the decoders.
    const { replayTables } = await import('./replay-tables.ts');
    return replayTables(invocation);
  },
};
