/** Live video: an RTMP server in a process of its own, and HTTP-FLV for viewers. */
export type { StreamFacts } from './messages.ts';
export { STREAM_NAME } from './messages.ts';
export { startVideo, type Video, type VideoHealth, type VideoOptions } from './start-video.ts';
export { generateStreamKey } from './stream-key.ts';
export { isVideoError, VideoError, type VideoErrorCode } from './video-error.ts';
export type { VideoLog } from './video-process.ts';
