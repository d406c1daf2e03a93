/** The words all rooms share, and the interfaces between them. Types and schemas, no behaviour. */
export * from './declaration.ts';
export * from './decoder.ts';
export * from './journal.ts';
export * from './load-batch.ts';
export * from './observed-property.ts';
export * from './outcome.ts';
export * from './position.ts';
export * from './principal.ts';
export * from './raw-record.ts';
export * from './sink.ts';
export * from './time.ts';
