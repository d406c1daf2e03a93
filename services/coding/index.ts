/** What the routes and the command line may use of the coding service. */
export { type AnswerSpool, createAnswerSpool } from './answer-spool.ts';
export { type Coding, openCoding } from './coding.ts';
export { CodingError, type CodingErrorCode, isCodingError } from './coding-error.ts';
export { MAX_LINE_BYTES } from './line-blocks.ts';
export { POSITION_FIELDS, type PositionFields } from './ndjson-encode.ts';
export type { StreamForm, StreamRequest } from './open-session.ts';
export { CODING_GRIDS, decodePlan, encodePlan } from './plan.ts';
export { MAX_STREAMS, type RemoteSession } from './stream-coder.ts';
