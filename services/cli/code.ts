/** `code`: a table in, the same table with grid codes out. No server needed. */
import { rename, rm, stat } from 'node:fs/promises';
import {
  codeFile,
  coverColumn,
  decodePlan,
  encodePlan,
  FILE_ENCODINGS,
  type FileSummary,
  type FileTask,
  formatOf,
  isCodingError,
} from '../coding/index.ts';
import {
  type Command,
  CommandError,
  type Invocation,
  print,
  required,
  say,
  text,
  UsageError,
} from './command.ts';

/** Between two lines of progress. ms. */
const TELL_MS = 1000;

export const code: Command = {
  name: 'code',
  summary: 'Add grid codes to a CSV, GeoJSON or XLSX file, or decode them',
  help: `Usage: jingwei code <in> <out> --code <grid>:<level>[:<column name>] [--code ...]
       jingwei code <in> <out> --decode <grid> [--column <name>]

Grids: h3 (levels 0..15), beidou2d and beidou3d (1..10). The file's ending says what it is: .csv (.txt, .tsv),
.geojson (.json), .xlsx. Columns are added behind those of the file; rows that cannot be coded keep their place,
with an empty code and the reason in the last column. Prints a JSON summary.
  --lon, --lat, --height <name>   Columns of the position; known names such as 经度, lon are found
  --datum <id>                    cgcs2000 (default), wgs84, gcj02, bd09, gk3-35, gk3-cm105, EPSG:4490..4554
  --height-reference <text>       ellipsoidal (default), sea-level:<undulation m>, ground:<m>; must be said of 海拔, altitude
  --height-coding <id>            annexC (default) or clause6, of beidou3d
  --ids                           Adds the packed id of each code as a decimal number
  --cover <grid>:<level>          GeoJSON: adds the list of zones that cover each geometry
  --encoding <id>                 ${FILE_ENCODINGS.join(', ')}; found out when left out
  --delimiter <character>         "tab" for a tab; found out when left out
  --sheet <name>                  XLSX; default the first sheet with the columns
  jingwei code 设施.csv 设施-编码.csv --code beidou2d:10 --code h3:9 --datum gcj02`,
  options: {
    code: { type: 'string', multiple: true },
    decode: { type: 'string' },
    column: { type: 'string' },
    lon: { type: 'string' },
    lat: { type: 'string' },
    height: { type: 'string' },
    datum: { type: 'string' },
    'height-reference': { type: 'string' },
    'height-coding': { type: 'string' },
    ids: { type: 'boolean' },
    cover: { type: 'string' },
    encoding: { type: 'string' },
    delimiter: { type: 'string' },
    sheet: { type: 'string' },
  },
  async run(invocation) {
    const [input, output, ...more] = invocation.positionals;
    if (input === undefined || output === undefined || more.length > 0)
      throw new UsageError('A file to read and a file to write are wanted');
    if (input === output) throw new UsageError('The file to write must be another than the file to read');
    const task = taskOf(invocation, input);
    const found = await stat(input).catch(() => undefined);
    if (!found?.isFile()) throw new CommandError(`Cannot read ${input}: there is no such file`);
    print(JSON.stringify(await codeWhole(input, output, task, found.size)));
  },
};

/** Writes beside the target first: what is there under its name is whole. */
async function codeWhole(input: string, output: string, task: FileTask, bytes: number): Promise<FileSummary> {
  const part = `${output}.part`;
  const began = performance.now();
  let told = began;
  try {
    const summary = await codeFile(input, part, task, ({ rows, refused, bytesRead }) => {
      const now = performance.now();
      if (now - told < TELL_MS) return;
      told = now;
      say(
        `${Math.floor((100 * bytesRead) / Math.max(1, bytes))} %: ${rows} rows, ${refused} of them refused`,
      );
    });
    await rename(part, output);
    const seconds = (performance.now() - began) / 1000;
    say(`${summary.rows} rows in ${seconds.toFixed(1)} s, ${summary.refused} of them refused`);
    return summary;
  } catch (error) {
    await rm(part, { force: true });
    if (isCodingError(error)) throw new CommandError(`${input}: ${error.message}`);
    throw error;
  }
}

function taskOf(invocation: Invocation, input: string): FileTask {
  try {
    const form = { format: formatOf(input), ...formOf(invocation) };
    const dggrs = text(invocation, 'decode');
    if (dggrs === undefined) return { ...form, ...encodeOf(invocation) };
    if (invocation.options.code !== undefined) throw new UsageError('--code and --decode do not go together');
    const plan = decodePlan({ dggrs, heightCoding: text(invocation, 'height-coding') });
    return { ...form, direction: 'decode', plan, ...given({ code: text(invocation, 'column') }) };
  } catch (error) {
    if (isCodingError(error)) throw new UsageError(error.message);
    throw error;
  }
}

function formOf(invocation: Invocation) {
  const declared = text(invocation, 'encoding');
  const encoding = FILE_ENCODINGS.find((one) => one === declared);
  if (declared !== undefined && encoding === undefined)
    throw new UsageError(`--encoding is one of ${FILE_ENCODINGS.join(', ')}`);
  const character = text(invocation, 'delimiter');
  const delimiter = character === 'tab' ? '\t' : character;
  if (delimiter !== undefined && !/^[!-~\t]$/.test(delimiter))
    throw new UsageError('--delimiter is one character, or "tab"');
  return given({ encoding, delimiter, sheet: text(invocation, 'sheet') });
}

function encodeOf(invocation: Invocation) {
  const codes: unknown = invocation.options.code;
  if (!Array.isArray(codes)) required(invocation, 'code');
  const plan = encodePlan({
    codes: (codes as unknown[]).map(String),
    datum: text(invocation, 'datum'),
    heightReference: text(invocation, 'height-reference'),
    heightCoding: text(invocation, 'height-coding'),
  });
  const cover = text(invocation, 'cover');
  const names = {
    lon: text(invocation, 'lon'),
    lat: text(invocation, 'lat'),
    height: text(invocation, 'height'),
  };
  const ids = invocation.options.ids === true ? true : undefined;
  return {
    direction: 'encode' as const,
    plan,
    ...given({ ...names, ids, cover: cover === undefined ? undefined : coverColumn(cover) }),
  };
}

/** Without the members that are not there. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
