/** `device`, `user`, `token`, `seat`: who may come in. */
import { stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { GRANTABLE_ROLES } from '../auth/identity.ts';
import { CLIENT_HELP, CLIENT_OPTIONS, type Client, connect } from './client.ts';
import {
  type Command,
  CommandError,
  type Invocation,
  number,
  print,
  required,
  say,
  text,
  UsageError,
} from './command.ts';

type Action = (client: Client, invocation: Invocation, args: readonly string[]) => Promise<void>;

/** A command whose first word names what to do. */
function withActions(command: Omit<Command, 'run'>, actions: Readonly<Record<string, Action>>): Command {
  return {
    ...command,
    async run(invocation) {
      const [name, ...args] = invocation.positionals;
      const action = actions[name ?? ''];
      if (!action)
        throw new UsageError(`${command.name}: one of ${Object.keys(actions).join(', ')} is wanted`);
      await action(connect(invocation), invocation, args);
      return 0;
    },
  };
}

function rows(list: readonly unknown[]): void {
  for (const row of list) print(JSON.stringify(row));
}

function one(args: readonly string[], what: string): string {
  const [value, ...rest] = args;
  if (value !== undefined && rest.length === 0) return value;
  throw new UsageError(`One ${what} is wanted`);
}

export const device = withActions(
  {
    name: 'device',
    summary: 'Device credentials: add, list, disable, enable',
    help: `Usage: jingwei device add <id> [--kind device|gateway] [--publish <filter,...>] [--subscribe <filter,...>] [--rotate]
       jingwei device list
       jingwei device disable|enable <id>

Prints NDJSON. The token of a new device is shown once.
${CLIENT_HELP}`,
    options: {
      ...CLIENT_OPTIONS,
      kind: { type: 'string' },
      publish: { type: 'string' },
      subscribe: { type: 'string' },
      rotate: { type: 'boolean' },
    },
  },
  {
    async add(client, invocation, args) {
      const kind = text(invocation, 'kind') ?? 'device';
      const filters = (name: string) =>
        text(invocation, name)
          ?.split(',')
          .filter((filter) => filter !== '');
      const body = {
        id: one(args, 'device id'),
        kind,
        publish: filters('publish'),
        subscribe: filters('subscribe'),
        ...(invocation.options.rotate === true ? { rotate: true } : {}),
      };
      rows(await client.send<unknown[]>('POST', '/api/v1/devices', [body]));
    },
    async list(client) {
      rows((await client.get<{ devices: unknown[] }>('/api/v1/devices')).devices);
    },
    async disable(client, _invocation, args) {
      await client.send('POST', `/api/v1/devices/${encodeURIComponent(one(args, 'device id'))}/disabled`, {
        disabled: true,
      });
    },
    async enable(client, _invocation, args) {
      await client.send('POST', `/api/v1/devices/${encodeURIComponent(one(args, 'device id'))}/disabled`, {
        disabled: false,
      });
    },
  },
);

export const user = withActions(
  {
    name: 'user',
    summary: 'Users: add, passwd, list, disable, enable',
    help: `Usage: jingwei user add <name> --role ${GRANTABLE_ROLES.join('|')}
       jingwei user passwd <name>
       jingwei user list
       jingwei user disable|enable <name>

The password is read from standard input: asked for at a terminal, else its first line.
${CLIENT_HELP}`,
    options: { ...CLIENT_OPTIONS, role: { type: 'string' } },
  },
  {
    async add(client, invocation, args) {
      const name = one(args, 'user name');
      const role = required(invocation, 'role');
      await client.send('POST', '/api/v1/users', { name, role, password: await readPassword(name) });
      say(`User "${name}" made`);
    },
    async passwd(client, _invocation, args) {
      const name = one(args, 'user name');
      const password = await readPassword(name);
      await client.send('POST', `/api/v1/users/${encodeURIComponent(name)}/password`, { password });
      say(`Password of "${name}" set; all sessions of the user have ended`);
    },
    async list(client) {
      rows((await client.get<{ users: unknown[] }>('/api/v1/users')).users);
    },
    async disable(client, _invocation, args) {
      await client.send('POST', `/api/v1/users/${encodeURIComponent(one(args, 'user name'))}/disabled`, {
        disabled: true,
      });
    },
    async enable(client, _invocation, args) {
      await client.send('POST', `/api/v1/users/${encodeURIComponent(one(args, 'user name'))}/disabled`, {
        disabled: false,
      });
    },
  },
);

export const token = withActions(
  {
    name: 'token',
    summary: 'Bearer tokens of programs: create, revoke, list',
    help: `Usage: jingwei token create <name> --role ${GRANTABLE_ROLES.join('|')} [--days <n>|--forever]
       jingwei token revoke <id>
       jingwei token list

The token is shown once. Without --days it is good for 90 days.
${CLIENT_HELP}`,
    options: {
      ...CLIENT_OPTIONS,
      role: { type: 'string' },
      days: { type: 'string' },
      forever: { type: 'boolean' },
    },
  },
  {
    async create(client, invocation, args) {
      const days = invocation.options.forever === true ? null : number(invocation, 'days', 0.001, 3650);
      const body = { name: one(args, 'token name'), role: required(invocation, 'role'), days };
      rows([await client.send('POST', '/api/v1/tokens', body)]);
    },
    async revoke(client, _invocation, args) {
      await client.send('DELETE', `/api/v1/tokens/${encodeURIComponent(one(args, 'token id'))}`);
    },
    async list(client) {
      rows((await client.get<{ tokens: unknown[] }>('/api/v1/tokens')).tokens);
    },
  },
);

export const seat = withActions(
  {
    name: 'seat',
    summary: 'Read-only wall seats: create, revoke, list',
    help: `Usage: jingwei seat create <label>
       jingwei seat revoke <id>
       jingwei seat list

The link of a new seat is shown once; whoever opens it sees the boards and can change nothing.
${CLIENT_HELP}`,
    options: CLIENT_OPTIONS,
  },
  {
    async create(client, _invocation, args) {
      const label = one(args, 'label');
      const made = await client.send<{ id: string; path: string }>('POST', '/api/v1/seats', { label });
      rows([{ id: made.id, label, link: `${client.url}${made.path}` }]);
    },
    async revoke(client, _invocation, args) {
      await client.send('DELETE', `/api/v1/seats/${encodeURIComponent(one(args, 'seat id'))}`);
    },
    async list(client) {
      rows((await client.get<{ seats: unknown[] }>('/api/v1/seats')).seats);
    },
  },
);

/** Never from the arguments: those are seen by everybody on the machine. */
async function readPassword(name: string): Promise<string> {
  if (stdin.isTTY) process.stderr.write(`Password for "${name}" (shown while typing): `);
  const lines = createInterface({ input: stdin });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  throw new CommandError('No password on standard input');
}
