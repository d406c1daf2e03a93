/** Every setting of the server, with its default, bounds and meaning: the one table that files, environment and `doctor` read. */
import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);
const MIB = 1024 * 1024;

/**
 * The settings, nested as in `jingwei.yaml`. The environment name of a setting is its path in capitals behind `JINGWEI_`:
 * `http.port` is `JINGWEI_HTTP_PORT`, `duckdb.memoryMb` is `JINGWEI_DUCKDB_MEMORY_MB`.
 */
export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default('./data').describe('Folder of journal, index, state, inbox and secrets'),
  adminPassword: z
    .string()
    .min(8)
    .max(256)
    .optional()
    .describe(
      'Password of the user "admin", read at the first start only; else one is generated and printed once',
    ),
  city: z
    .string()
    .min(1)
    .optional()
    .describe('Path of the city declaration (JSON); default: the shipped, schematic Dingxi'),
  timezone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as Asia/Shanghai')
    .optional()
    .describe('IANA time zone shown at the edges; default: that of the city declaration'),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address the HTTP server listens on'),
      port: port
        .default(8080)
        .describe('TCP port of HTTP, dashboards and the live stream; 0 picks a free one'),
      trustProxy: z
        .boolean()
        .default(false)
        .describe('Take client address and scheme from the X-Forwarded-* headers of the one proxy in front'),
      secureCookies: z
        .boolean()
        .default(false)
        .describe('Mark session cookies Secure: set it where the product is reached over HTTPS'),
      maxJsonBytes: z
        .number()
        .int()
        .min(1024)
        .max(64 * MIB)
        .default(8 * MIB)
        .describe('Largest JSON body taken, bytes'),
      maxIngestBytes: z
        .number()
        .int()
        .min(1024)
        .max(64 * MIB)
        .default(8 * MIB)
        .describe('Largest body of POST /api/v1/ingest, bytes: it is decoded in memory'),
      maxDeliveryBytes: z
        .number()
        .int()
        .min(1024)
        .default(8 * 1024 * MIB)
        .describe('Largest file of POST /api/v1/deliveries, bytes: it is streamed to the data folder'),
      maxConnections: z
        .number()
        .int()
        .min(1)
        .max(65_535)
        .default(2000)
        .describe('Open HTTP and WebSocket connections at once'),
    })
    .prefault({}),
  mqtt: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address the MQTT gateway listens on'),
      port: port.default(1883).describe('TCP port of the MQTT gateway; 0 picks a free one'),
      maxPacketBytes: z
        .number()
        .int()
        .min(1024)
        .max(64 * MIB)
        .default(MIB)
        .describe('Largest MQTT packet taken, bytes; a larger one is refused and counted'),
      maxTopicLevels: z.number().int().min(3).max(128).default(16).describe('Deepest topic taken, levels'),
      maxInFlight: z
        .number()
        .int()
        .min(1)
        .max(65_535)
        .default(1000)
        .describe('QoS 1 messages of one connection that may wait for their acknowledgement'),
      maxConnections: z
        .number()
        .int()
        .min(1)
        .max(1_000_000)
        .default(20_000)
        .describe('Device connections at once'),
    })
    .prefault({}),
  rtmp: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Start the video process'),
      host: z.string().min(1).default('127.0.0.1').describe('Address the RTMP server listens on'),
      port: port.default(1935).describe('TCP port of RTMP; 0 picks a free one'),
    })
    .prefault({}),
  inbox: z
    .strictObject({
      pollMs: z
        .number()
        .int()
        .min(50)
        .max(600_000)
        .default(1000)
        .describe('How often the inbox is looked at, ms'),
      graceMs: z
        .number()
        .int()
        .min(0)
        .max(7 * 86_400_000)
        .default(600_000)
        .describe('How long a file that no mapping takes yet waits in the inbox before it is set aside, ms'),
    })
    .prefault({}),
  journal: z
    .strictObject({
      segmentBytes: z
        .number()
        .int()
        .min(MIB)
        .max(4096 * MIB)
        .default(128 * MIB)
        .describe('Size at which a journal segment is closed and the next one begun, bytes'),
      segmentMaxAgeMs: z
        .number()
        .int()
        .min(1000)
        .max(30 * 86_400_000)
        .default(3_600_000)
        .describe('Age at which a journal segment that holds anything is closed, ms; closed ones are packed'),
      keepDays: z
        .number()
        .min(0)
        .max(36_500)
        .default(30)
        .describe('Days for which what the index needs no more stays in the journal, for a better decoder'),
      keepBytes: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe('Size of the journal above which what nobody needs goes sooner, bytes; 0: no limit'),
      skipDamaged: z
        .boolean()
        .default(false)
        .describe('Start and read on behind damaged journal entries, and name them, rather than refuse'),
      groupCommitMs: z
        .number()
        .min(0)
        .max(1000)
        .default(2)
        .describe('Longest wait for company before a group commit, ms'),
      minFreeBytes: z
        .number()
        .int()
        .min(0)
        .default(256 * MIB)
        .describe('Free disk space below which nothing is appended or acknowledged, bytes'),
    })
    .prefault({}),
  duckdb: z
    .strictObject({
      memoryMb: z
        .number()
        .int()
        .min(64)
        .max(1_048_576)
        .default(256)
        .describe('memory_limit of the index, MB'),
      threads: z.number().int().min(1).max(256).default(2).describe('Threads of the index'),
    })
    .prefault({}),
  index: z
    .strictObject({
      retentionDays: z
        .number()
        .int()
        .min(0)
        .max(36_500)
        .default(0)
        .describe(
          'Days for which observations are kept, unless their dataset declares its own; 0: all of them',
        ),
      sealEveryMs: z
        .number()
        .int()
        .min(1000)
        .max(86_400_000)
        .default(60_000)
        .describe('How often the index looks for tables to seal and parts to merge, ms'),
      sealAfterMs: z
        .number()
        .int()
        .min(0)
        .max(30 * 86_400_000)
        .default(3 * 3_600_000)
        .describe('How long after its end a UTC day is sealed into Parquet, ms'),
      lateAfterMs: z
        .number()
        .int()
        .min(0)
        .max(60 * 86_400_000)
        .default(3 * 86_400_000)
        .describe(
          'How long after its end a UTC day has a table of its own; later rows lie in one a month, ms',
        ),
      quietMs: z
        .number()
        .int()
        .min(0)
        .max(86_400_000)
        .default(5 * 60_000)
        .describe('How long no row may have come to a table that is to be sealed, ms'),
      maxHotRows: z
        .number()
        .int()
        .min(10_000)
        .max(1_000_000_000)
        .default(20_000_000)
        .describe('Rows of one table above which it is sealed at once, in pieces, whatever its day'),
      snapshotEveryMs: z
        .number()
        .int()
        .min(0)
        .max(86_400_000)
        .default(3_600_000)
        .describe('After sealing, how often at most the state is written down for a rebuild, ms'),
    })
    .prefault({}),
  loader: z
    .strictObject({
      maxReadings: z
        .number()
        .int()
        .min(100)
        .max(1_000_000)
        .default(20_000)
        .describe('Readings of one index commit at most: bounds memory and the time of a commit'),
      catchUpReadings: z
        .number()
        .int()
        .min(100)
        .max(100_000)
        .default(100_000)
        .describe('The same while the index is far behind, as in a rebuild; never less than `maxReadings`'),
      commitMs: z
        .number()
        .int()
        .min(10)
        .max(10_000)
        .default(100)
        .describe('Target distance of index commits under load, ms'),
    })
    .prefault({}),
  ready: z
    .strictObject({
      maxLagMs: z
        .number()
        .int()
        .min(100)
        .default(15_000)
        .describe('Index lag above which /readyz answers 503, ms'),
    })
    .prefault({}),
  auth: z
    .strictObject({
      sessionHours: z.number().min(0.1).max(720).default(12).describe('Life of a login session, hours'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
        .default('info')
        .describe('Least severe log line written'),
      format: z
        .enum(['auto', 'json', 'pretty'])
        .default('auto')
        .describe('Lines for programs or for people; auto: for people on a terminal'),
    })
    .prefault({}),
});

/** The settings as the server reads them; every default filled in. */
export type Config = z.output<typeof configSchema>;
/** What a file or a test writes: defaults may be left out. */
export type ConfigInput = z.input<typeof configSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
