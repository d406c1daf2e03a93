export * from './api.ts';
export * from './board.ts';
export * from './live-frame.ts';
