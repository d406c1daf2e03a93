export * from './api.ts';
export * from './board.ts';
