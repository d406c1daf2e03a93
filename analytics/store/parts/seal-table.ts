import type { DuckDBConnection } from '@duckdb/node-api';
import { QUALITY } from '../../../ingest/model/index.ts';
import { appendRows } from '../append-rows.ts';
import type { Partition } from '../partitions.ts';
import { subtractCovers } from './covers.ts';
import type { Cover, Part } from './part.ts';
import { inTransaction, type SealContext } from './seal-context.ts';
import { sqlText, writePart } from './write-part.ts';

/** From now on rows of its span go to the next table: this one is what it is. In the loader's turn. */
export function freeze(context: SealContext, name: string): Promise<Partition | undefined> {
  const { state, writerConnection, loader, writer } = context;
  return writer.run(async () => {
    const partition = state.partitions.get(name);
    // Opened by a batch that is not committed yet in other words: nothing in it to seal.
    if (partition === undefined || partition.until !== null || partition.since >= state.position)
      return partition;
    loader.releaseTables();
    await writerConnection.run(
      `UPDATE observation_part SET until_position = ${state.position} WHERE name = '${name}'`,
    );
    const frozen = { ...partition, until: state.position };
    state.partitions.add(frozen);
    return frozen;
  });
}

/**
 * Seals a frozen table: a part of each dataset in it, then one transaction that adds the parts and forgets the table. The
 * table itself is dropped once nobody can read it any more. A crash before the transaction leaves the rows where they were.
 */
export async function sealTable(context: SealContext, partition: Partition): Promise<readonly Part[]> {
  return context.pool.lend(async (connection) => {
    // One view of the data for all that is read: a correction may take a row out of the table meanwhile.
    await connection.run('BEGIN');
    try {
      const parts: Part[] = [];
      const datasets = await connection.runAndReadAll(
        `SELECT DISTINCT s.id, s.name FROM ${partition.name} o JOIN datastream d ON d.id = o.datastream
         JOIN dataset s ON s.id = d.dataset ORDER BY s.id`,
      );
      for (const [, name] of datasets.getRows()) {
        if (context.closing()) throw new Error('The index is closing');
        const dataset = name as string;
        const part = await writePart(
          connection,
          context.partsDir,
          {
            dataset,
            rowsSql: tableRowsSql(partition.name, dataset),
            id: `${partition.name.replace(/^observation_/, '').replace(/_\d+$/, '')}_${partition.since}_${partition.until}`,
            covers: coversOf(context, partition, dataset),
            replaces: [],
            closing: context.closing,
          },
          context.policy.fileRows,
          context.clock(),
        );
        if (part !== null) parts.push(part);
      }
      const newest = await newestOf(connection, partition);
      await connection.run('COMMIT');
      await context.writer.run(() => commitSeal(context, partition, parts, newest));
      return parts;
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }, 'seal');
}

type Newest = readonly (readonly [number, bigint | null, bigint, bigint, number, bigint, bigint, number])[];

async function commitSeal(
  context: SealContext,
  partition: Partition,
  parts: readonly Part[],
  newest: Newest,
): Promise<void> {
  const { state, writerConnection: connection, loader, retirement, writer } = context;
  await inTransaction(connection, async () => {
    await appendRows(
      connection,
      'part',
      parts.map((part) => [part.dataset, part.id, JSON.stringify(part)]),
    );
    for (const part of parts) {
      await connection.run(
        `UPDATE observation_superseded SET part = '${sqlText(part.id)}' WHERE part = '${partition.name}'
           AND datastream IN (SELECT d.id FROM datastream d JOIN dataset s ON s.id = d.dataset WHERE s.name = '${sqlText(part.dataset)}')`,
      );
    }
    await connection.run(`UPDATE observation_superseded SET part = NULL WHERE part = '${partition.name}'`);
    await appendRows(connection, 'latest_sealed', newest);
    // One row a datastream: of one instant the later arrival.
    await connection.run(
      `CREATE OR REPLACE TABLE latest_sealed AS
       SELECT datastream, max(own_newest) OVER (PARTITION BY datastream) AS own_newest, since, time, result, h3, beidou, quality
       FROM latest_sealed QUALIFY row_number() OVER (PARTITION BY datastream ORDER BY time DESC, since DESC) = 1`,
    );
    await connection.run(`DELETE FROM observation_part WHERE name = '${partition.name}'`);
  });
  const takeOver = await state.superseded.reread(connection);
  // One turn for all lists: a question finds the rows in the table or in the parts, never in both.
  state.partitions.remove(partition.name);
  for (const part of parts) state.parts.add(part);
  takeOver();
  retirement.add(() =>
    writer.run(async () => {
      loader.releaseTables();
      await connection.run(`DROP TABLE IF EXISTS ${partition.name}`);
    }),
  );
}

/** Rows of a table in the columns of a part. */
function tableRowsSql(table: string, dataset: string): string {
  return `(SELECT s.name AS dataset, t.name AS thing, p.name AS property, o.time, o.result_delay_ms, o.result, o.h3, o.beidou,
      o.height, o.quality
    FROM ${table} o JOIN datastream d ON d.id = o.datastream JOIN dataset s ON s.id = d.dataset
    JOIN thing t ON t.id = d.thing JOIN property p ON p.id = d.property WHERE s.name = '${sqlText(dataset)}')`;
}

/** What the table holds of a dataset: its span while it was open, without what went elsewhere meanwhile. */
function coversOf({ state }: SealContext, partition: Partition, dataset: string): readonly Cover[] {
  const { name, from, to, since } = partition;
  const until = partition.until!;
  const parts = state.parts.of(dataset).flatMap(({ covers }) => covers);
  // While a day has an open table of its own, its late rows go there too.
  const days =
    partition.grain !== 'late'
      ? []
      : state.partitions
          .touching(from, to)
          .filter((other) => other.grain === 'day' && other.name !== name)
          .map((other) => ({ ...other, until: other.until ?? until }));
  return subtractCovers({ from, to, since, until }, [...parts, ...days]).map((cover) => ({
    from: cover.from,
    to: cover.to,
    since: cover.since,
    until: cover.until,
  }));
}

/** Newest reading and newest own time of each datastream in a table, of one instant the later arrival. */
async function newestOf(connection: DuckDBConnection, { name, since }: Partition): Promise<Newest> {
  const reader = await connection.runAndReadAll(
    `WITH own AS (SELECT datastream, max(time) AS own_newest FROM ${name}
                  WHERE (quality & ${QUALITY.serverTime}::UTINYINT) = 0 GROUP BY 1),
          m AS (SELECT datastream, max(time) AS time FROM ${name} GROUP BY 1),
          r AS (SELECT o.datastream, max(o.rowid) AS row_id FROM ${name} o JOIN m USING (datastream, time) GROUP BY 1)
     SELECT o.datastream, own.own_newest, ${since}::BIGINT, o.time, o.result, o.h3, o.beidou, o.quality
     FROM ${name} o JOIN r ON o.rowid = r.row_id LEFT JOIN own ON own.datastream = o.datastream`,
  );
  return reader.getRows() as unknown as Newest;
}
