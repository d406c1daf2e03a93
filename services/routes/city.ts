/** What a screen needs before its first figure: the city, its boards, its indicators. */
import type { CityAnswer } from '../../viz/schema/index.ts';
import { param } from '../http/query.ts';
import { type GuardedRoute, READERS } from '../http/route.ts';
import { HttpProblem } from '../problem.ts';

export const city: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/city',
  summary: 'Name, place, outlines, datasets and properties of the city',
  roles: READERS,
  handle({ services, access }): CityAnswer {
    const { city: declared, config, queries } = services;
    const datasets = queries.datasets(access);
    return {
      name: declared.name,
      timezone: config.timezone ?? declared.timezone,
      centre: declared.centre,
      bounds: declared.bounds,
      outlines: declared.outlines,
      outlinesSchematic: declared.schematic,
      demo: datasets.some((dataset) => dataset.demo),
      datasets,
      properties: queries.properties(access),
      serverTime: services.now(),
    };
  },
};

export const listBoards: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/boards',
  summary: 'The boards there are',
  roles: READERS,
  handle: ({ services }) => ({
    boards: [...services.boards.values()].map(({ id, version, title }) => ({ id, version, title })),
  }),
};

export const board: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/boards/:id',
  summary: 'The declaration of one board',
  roles: READERS,
  handle({ req, services }) {
    const id = param(req, 'id');
    const found = services.boards.get(id);
    if (!found) throw new HttpProblem(404, 'unknown-board', `There is no board "${id}"`);
    return found;
  },
};

export const indicators: GuardedRoute = {
  method: 'GET',
  path: '/api/v1/indicators',
  summary: 'The cards of all indicators: what each figure means',
  roles: READERS,
  handle: ({ services, access }) => ({ indicators: services.queries.indicators(access) }),
};
