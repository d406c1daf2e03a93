import { parseArgs } from 'node:util';
import { FLEET_SIZE } from '../plan.ts';

/** What the command line of the simulated city says. */
export interface CityOptions {
  /** Base of the HTTP interface, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly mqtt: string;
  readonly rtmp: string;
  /** Folder into which departments drop files. */
  readonly inbox: string;
  /** File with a bearer token that may register declarations and devices. */
  readonly tokenFile: string;
  /** Folder of the city's own: device tokens and what has been done already. */
  readonly state: string;
  readonly seed: number;
  readonly rate: number;
  readonly devices: number;
  readonly video: boolean;
}

export const USAGE = `The simulated city of Dingxi (DEMO): speaks to a Jingwei server only through MQTT, HTTP, RTMP and files

  node --import tsx examples/demo-city/main.ts [options]

  --url <http://127.0.0.1:8080>      server
  --mqtt <mqtt://127.0.0.1:1883>     device port
  --rtmp <rtmp://127.0.0.1:1935>     video port
  --inbox <./data/inbox>             folder for files
  --token-file <./data/secrets/cli-token>  bearer token of an administrator
  --state <./data/demo-city>         own folder: device tokens, what is done
  --seed <621100>                    same seed, same city
  --rate <1>                         10 publishes ten times as often; 0.1 to 100
  --devices <${FLEET_SIZE}>                    devices besides the 24 cameras; 6 to 10000
  --no-video                         no test stream
`;

/**
 * Reads the command line.
 *
 * @throws {Error} With a sentence for the person at the keyboard when an argument is not understood.
 */
export function readOptions(args: readonly string[]): CityOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      mqtt: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      rtmp: { type: 'string', default: 'rtmp://127.0.0.1:1935' },
      inbox: { type: 'string', default: './data/inbox' },
      'token-file': { type: 'string', default: './data/secrets/cli-token' },
      state: { type: 'string', default: './data/demo-city' },
      seed: { type: 'string', default: '621100' },
      rate: { type: 'string', default: '1' },
      devices: { type: 'string', default: String(FLEET_SIZE) },
      'no-video': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    url: values.url.replace(/\/$/, ''),
    mqtt: values.mqtt,
    rtmp: values.rtmp.replace(/\/$/, ''),
    inbox: values.inbox,
    tokenFile: values['token-file'],
    state: values.state,
    seed: number('seed', values.seed, 0, 2 ** 31 - 1, true),
    rate: number('rate', values.rate, 0.1, 100, false),
    devices: number('devices', values.devices, 6, 10_000, true),
    video: !values['no-video'],
  };
}

function number(name: string, text: string, low: number, high: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= low && value <= high && (!whole || Number.isInteger(value)))
    return value;
  throw new Error(
    `Option --${name} is "${text}": must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`,
  );
}
