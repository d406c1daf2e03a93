/** What the routes and the command line may use of the coding service. */
export { type AnswerSpool, createAnswerSpool } from './answer-spool.ts';
export { codeFile, formatOf } from './code-file.ts';
export { MAX_COVER_ZONES } from './code-geojson.ts';
export { type Coding, openCoding } from './coding.ts';
export { CodingError, type CodingErrorCode, isCodingError } from './coding-error.ts';
export { type FileJobs, KEEP_MS } from './file-jobs.ts';
export { FILE_ENCODINGS, type FileProgress, type FileSummary, type FileTask } from './file-task.ts';
export { heightReferenceText } from './height-column.ts';
export type { FileJob } from './job-folder.ts';
export { MAX_LINE_BYTES } from './line-blocks.ts';
export { POSITION_FIELDS, type PositionFields } from './ndjson-encode.ts';
export type { StreamForm, StreamRequest } from './open-session.ts';
export { CODING_GRIDS, coverColumn, decodePlan, encodePlan } from './plan.ts';
export { MAX_STREAMS, type RemoteSession } from './stream-coder.ts';
