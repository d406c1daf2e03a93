/**
 * Problem details for every error the server answers. This file alone turns codes into HTTP status; a stack, a path or a
 * statement never leaves the machine.
 *
 * @source RFC 9457; status codes RFC 9110 section 15, 429 RFC 6585.
 */
import { isQueryError, isStoreError, type QueryErrorCode } from '../analytics/index.ts';
import { isGridError } from '../grid/index.ts';
import type { Rejection, RejectionCode } from '../ingest/model/index.ts';

/** The body of an error answer, `application/problem+json`. */
export interface ProblemDetails {
  /** `urn:jingwei:problem:<code>`: stable, for programs. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The code alone. */
  readonly code: string;
  /** Id of the request, also in the log. */
  readonly requestId?: string;
  /** Field by field, where several things were wrong. */
  readonly problems?: readonly FieldProblem[];
  readonly [extension: string]: unknown;
}

/** One wrong field. `where` is a parameter name or a JSON pointer (RFC 6901). */
export interface FieldProblem {
  readonly where: string;
  readonly message: string;
}

/** A refusal that a route makes by itself. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly extensions?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }
}

/** What an error becomes on the wire. `expected` false: our own mistake, to be logged with its stack. */
export interface MappedError {
  readonly problem: ProblemDetails;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected: boolean;
}

const QUERY_STATUS: Readonly<Record<QueryErrorCode, number>> = {
  'unknown-property': 404,
  'unknown-dataset': 404,
  'unknown-zone': 404,
  'unknown-thing': 404,
  'unknown-division': 404,
  'area-invalid': 400,
  'question-invalid': 400,
  'level-out-of-range': 400,
  'span-invalid': 400,
  'too-large': 422,
  'not-permitted': 403,
  timeout: 503,
  busy: 503,
  // The client has left: nobody reads it, but the log and the metrics tell it from a fault (the number is nginx's).
  cancelled: 499,
  'part-damaged': 500,
};

/** Faults of the request; the others of the room are 503. */
const INGEST_STATUS: Readonly<Record<string, number>> = {
  'entry-too-large': 413,
  'declaration-invalid': 422,
  'unknown-mapping': 404,
  'unknown-source': 404,
  'delivery-invalid': 422,
};

const REJECTION_STATUS: Readonly<Partial<Record<RejectionCode, number>>> = {
  malformed: 400,
  'too-large': 413,
  'topic-not-allowed': 403,
  'unknown-source': 404,
  'too-many-readings': 413,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not permitted',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be done as asked',
  426: 'Upgrade required',
  429: 'Too many requests',
  499: 'Client left',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Not available now',
};

/** Seconds after which a busy server may be asked again. */
const RETRY_AFTER_SECONDS = '1';

/** Turns anything thrown into problem details. */
export function mapError(error: unknown, requestId?: string): MappedError {
  const made = known(error);
  const status = made?.status ?? 500;
  const code = made?.code ?? 'internal';
  const detail = made?.detail ?? 'The server made a mistake; the log holds the reason under the request id';
  const headers = { ...(status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}), ...made?.headers };
  return {
    problem: {
      ...made?.extensions,
      type: `urn:jingwei:problem:${code}`,
      title: TITLES[status] ?? 'Error',
      status,
      detail,
      code,
      ...(requestId === undefined ? {} : { requestId }),
    },
    headers,
    expected: made !== undefined && status < 500,
  };
}

/** HTTP status of a rejection that a door made of a whole message. */
export function rejectionProblem(
  rejections: readonly Rejection[],
  extensions: Record<string, unknown>,
): HttpProblem {
  const first = rejections[0];
  const code = first?.code ?? 'rule-refused';
  return new HttpProblem(REJECTION_STATUS[code] ?? 422, code, first?.message ?? 'Nothing of it was stored', {
    extensions: {
      ...extensions,
      problems: rejections.map((rejection) => ({ where: rejection.where ?? '', message: rejection.message })),
    },
  });
}

interface Made {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function known(error: unknown): Made | undefined {
  if (error instanceof HttpProblem) {
    const { status, code, message, headers, extensions } = error;
    return { status, code, detail: message, headers, extensions };
  }
  if (isQueryError(error)) {
    const extensions = {
      ...(error.estimate === undefined ? {} : { estimate: error.estimate }),
      ...(error.limit === undefined ? {} : { limit: error.limit }),
    };
    return { status: QUERY_STATUS[error.code], code: error.code, detail: error.message, extensions };
  }
  if (isStoreError(error)) {
    return { status: 503, code: `index-${error.code}`, detail: 'The index cannot answer now' };
  }
  if (isGridError(error)) {
    return { status: error.code === 'too-many-zones' ? 422 : 400, code: error.code, detail: error.message };
  }
  return ofName(error) ?? ofBodyParser(error);
}

/** Errors of other rooms, told by their name so that this file need not load those rooms. */
function ofName(error: unknown): Made | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.name === 'IngestError') return ofIngest(code, error.message);
  if (error.name === 'CodingError') return ofCoding(code, error.message);
  if (error.name === 'PasswordBusyError') return { status: 503, code: 'busy', detail: error.message };
  if (error instanceof URIError) {
    return { status: 400, code: 'malformed-path', detail: 'The path holds a broken % escape' };
  }
  return undefined;
}

const CODING_STATUS: Readonly<Record<string, number>> = {
  'plan-invalid': 400,
  'columns-unclear': 422,
  'height-undeclared': 422,
  'file-invalid': 422,
  'format-unknown': 415,
  'too-large': 413,
  'disk-full': 503,
  busy: 503,
};

function ofCoding(code: string, detail: string): Made {
  return { status: CODING_STATUS[code] ?? 500, code, detail };
}

/** Faults of the doors. Those of the journal say only that nothing was kept: the disk's own words stay in the log. */
function ofIngest(code: string, detail: string): Made {
  const status = INGEST_STATUS[code];
  if (status !== undefined) return { status, code, detail };
  return {
    status: 503,
    code: code === '' ? 'doors-unavailable' : code,
    detail: 'It is not on disk; send it again',
  };
}

/** What express and its body parsers throw: `http-errors` with `type`, `status` and `expose`. */
function ofBodyParser(error: unknown): Made | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status < 400 || error.status > 499) return undefined;
  const type = 'type' in error && typeof error.type === 'string' ? error.type : 'bad-request';
  const limit = 'limit' in error && typeof error.limit === 'number' ? error.limit : undefined;
  const { status } = error;
  switch (type) {
    case 'entity.too.large':
      return {
        status: 413,
        code: 'body-too-large',
        detail: limit === undefined ? 'The body is too large' : `The body is larger than ${limit} bytes`,
        extensions: limit === undefined ? {} : { limit },
      };
    case 'entity.parse.failed':
      return { status: 400, code: 'malformed-json', detail: 'The body is not JSON' };
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return {
        status: 415,
        code: 'unsupported-encoding',
        detail: 'The encoding of the body is not supported',
      };
    default:
      return { status, code: type.replaceAll('.', '-'), detail: TITLES[status] ?? 'Bad request' };
  }
}
