/** Totals of any size: page after page, so that neither the server nor the command line holds them all at once. */
import type { TotalsAnswer } from '../../viz/schema/index.ts';
import type { Client } from './client.ts';

/** Rows of one page at most: some 15 MB of JSON. */
const PAGE_ROWS = 100_000;

/**
 * Asks for totals in pages of whole buckets, oldest first. A shorter span than asked for is never answered: what is left
 * out of one page begins the next.
 *
 * @param query - Parameters of `GET /api/v1/totals`.
 */
export async function* totalsPages(
  client: Pick<Client, 'get'>,
  query: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<TotalsAnswer['rows']> {
  const limit = query.limit ?? String(PAGE_ROWS);
  // The end of the first question holds for all pages: "now" must not move while they are walked.
  const to = query.to ?? (query.from === undefined ? undefined : String(Date.now()));
  let from = query.from;
  for (;;) {
    const page = await client.get<TotalsAnswer>('/api/v1/totals', { ...query, limit, from, to });
    yield page.rows;
    if (page.next === null || page.next === undefined) return;
    from = String(page.next);
  }
}
