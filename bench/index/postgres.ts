/**
 * The peer of the index benches: a private PostgreSQL cluster with PostGIS in a folder of its own, reached by a socket
 * in it, gone when the bench ends. No client package: `psql` is kept open and timed by itself.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '15';
const BIN = `/usr/lib/postgresql/${VERSION}/bin`;
const POSTGIS = `/usr/share/postgresql/${VERSION}/extension/postgis.control`;

/**
 * For two cores and a machine with 24 GB that is not only the database's. What differs from the defaults helps it: a
 * cache that holds all rows, rare checkpoints, costs of a fast disk, and no compilation of statements, which costs
 * these more than it saves. It commits as durably as we do.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "''",
  shared_buffers: '2GB',
  effective_cache_size: '8GB',
  work_mem: '128MB',
  maintenance_work_mem: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  wal_compression: 'lz4',
  wal_level: 'minimal',
  max_wal_senders: '0',
  random_page_cost: '1.1',
  effective_io_concurrency: '200',
  max_worker_processes: '4',
  max_parallel_workers: '2',
  max_parallel_workers_per_gather: '2',
  max_parallel_maintenance_workers: '2',
  jit: 'off',
};

export interface Peer {
  readonly version: string;
  /** Runs a statement and gives its rows as text. */
  rows(sql: string): Promise<readonly (readonly string[])[]>;
  /** Milliseconds by psql's own clock, sending and taking the answer included, formatting left out; and the rows. */
  timed(sql: string): Promise<{ readonly ms: number; readonly value: readonly (readonly string[])[] }>;
  stop(): Promise<void>;
}

/** Says what is missing and ends the process with 1 unless server and PostGIS are installed. */
export function requirePeer(): void {
  if (existsSync(`${BIN}/postgres`) && existsSync(POSTGIS)) return;
  console.error(
    `Cannot compare: PostgreSQL ${VERSION} with PostGIS is not installed. On Debian 12: ` +
      `apt-get install postgresql-${VERSION} postgresql-${VERSION}-postgis-3`,
  );
  process.exit(1);
}

/** Makes and starts a cluster in `folder`, which the user postgres gets to read. */
export async function startPeer(folder: string): Promise<Peer> {
  const user = peerUser();
  // Its user reads the rows from here; nothing secret lies in the folder.
  chmodSync(folder, 0o755);
  const data = join(folder, 'peer');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid!);
  const run = (program: string, args: readonly string[]) =>
    execFileSync(`${BIN}/${program}`, args, { ...user, cwd: data, stdio: ['ignore', 'pipe', 'pipe'] });
  run('initdb', ['-D', `${data}/db`, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
  const options = Object.entries(SETTINGS)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
  const control = ['-D', `${data}/db`, '-w', '-t', '60', '-l', `${data}/log`];
  run('pg_ctl', [...control, '-o', `${options} -c unix_socket_directories=${data}`, 'start']);
  const session = new Session(data, user);
  const [row] = await session.rows('SHOW server_version');
  await session.rows('CREATE EXTENSION postgis');
  const [postgis] = await session.rows('SELECT postgis_lib_version()');
  return {
    version: `PostgreSQL ${row![0]}, PostGIS ${postgis![0]}`,
    rows: (sql) => session.rows(sql),
    timed: (sql) => session.timed(sql),
    stop: async () => {
      await session.end();
      run('pg_ctl', [...control, '-m', 'fast', 'stop']);
    },
  };
}

/** postgres refuses to run as root: then the user that Debian's package has made runs it. */
function peerUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const DONE = '--done--';
const TIME = /^Time: ([\d.]+) ms/;

/** One psql that stays open; statements one after another. */
class Session {
  readonly #child: ChildProcessWithoutNullStreams;
  #out = '';
  #errors = '';
  #take: ((text: string) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(socket: string, user: { readonly uid?: number; readonly gid?: number }) {
    const args = [
      '-X',
      '-q',
      '-A',
      '-t',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      socket,
      '-U',
      'bench',
      '-d',
      'postgres',
    ];
    this.#child = spawn(`${BIN}/psql`, args, { ...user, cwd: socket });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      if (!this.#out.endsWith(`${DONE}\n`)) return;
      const whole = this.#out.slice(0, -DONE.length - 1);
      this.#out = '';
      this.#take?.(whole);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child.on('exit', (code) =>
      this.#fail?.(new Error(`The peer refused, psql ended with ${code}: ${this.#errors}`)),
    );
    this.#child.stdin.write('\\timing on\n');
  }

  async rows(sql: string): Promise<readonly (readonly string[])[]> {
    return (await this.timed(sql)).value;
  }

  async timed(sql: string) {
    this.#errors = '';
    const text = await new Promise<string>((resolve, reject) => {
      this.#take = resolve;
      this.#fail = reject;
      this.#child.stdin.write(`${sql};\n\\echo ${DONE}\n`);
    });
    const lines = text.split('\n').filter((line) => line !== '');
    const ms = lines.reduce((sum, line) => sum + Number(TIME.exec(line)?.[1] ?? 0), 0);
    return { ms, value: lines.filter((line) => !TIME.test(line)).map((line) => line.split('|')) };
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#fail = undefined;
    this.#child.stdin.end();
    await ended;
  }
}
