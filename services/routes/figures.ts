/** Live figures, of a board or by name. */
import { z } from 'zod';
import type { BoardDeclaration, FiguresAnswer } from '../../viz/schema/index.ts';
import { readQuery, textList } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

const query = z.strictObject({ board: z.string().max(64).optional(), ids: textList.optional() });

/** `GET /api/v1/figures?board=overview` or `?ids=a,b`; neither: all. */
export const figures: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/figures',
  summary: 'Live figures with age and source',
  roles: READERS,
  handle({ req, services, access }): Promise<FiguresAnswer> {
    const { board, ids } = readQuery(req, query);
    if (ids !== undefined) return services.queries.figures(access, { ids });
    if (board === undefined) return services.queries.figures(access, {});
    const found = services.boards.get(board);
    if (!found) throw new HttpProblem(404, 'unknown-board', `There is no board "${board}"`);
    return services.queries.figures(access, { ids: indicatorsOf(found) });
  },
};

/** Indicator ids that the panels of a board show, each once. */
function indicatorsOf(board: BoardDeclaration): readonly string[] {
  const panels = [...board.left, ...board.right];
  return [...new Set(panels.flatMap((panel) => (panel.type === 'figures' ? panel.indicators : [])))];
}
