/** The state store: what people decide, small and transactional. */
export * from './open-state.ts';
export type * from './tables.ts';
