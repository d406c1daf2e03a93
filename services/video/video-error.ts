/** What can go wrong with the video process. */
export type VideoErrorCode = 'port-taken' | 'not-startable';

/** Thrown by `startVideo`. */
export class VideoError extends Error {
  readonly code: VideoErrorCode;

  constructor(code: VideoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VideoError';
    this.code = code;
  }
}

/** Is `error` a `VideoError` of this kind? */
export function isVideoError(error: unknown, code?: VideoErrorCode): error is VideoError {
  return error instanceof VideoError && (code === undefined || error.code === code);
}
