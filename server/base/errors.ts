/**
 * The one error class of the project: what a caller may catch, by `code`.
 * The message names the value and the fix and is safe to show: no path, no stack.
 *
 * @see SPEC 3, STYLE 10
 */

/** HTTP status of each code. The codes are part of the API. */
const STATUS_OF_CODE = {
  bad_request: 400,
  bad_json: 400,
  bad_csv: 400,
  bad_row: 400,
  bad_key: 400,
  bad_option: 400,
  unknown_column: 400,
  unknown_operator: 400,
  invalid_session: 400,
  unauthorized: 401,
  token_expired: 401,
  forbidden: 403,
  forbidden_host: 403,
  forbidden_origin: 403,
  read_only: 403,
  not_found: 404,
  unknown_table: 404,
  unknown_row: 404,
  unknown_session: 404,
  unknown_service: 404,
  unknown_upload: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  conflict: 409,
  precondition_failed: 412,
  body_too_large: 413,
  url_too_long: 414,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  too_many: 429,
  headers_too_large: 431,
  internal: 500,
  overloaded: 503,
  draining: 503,
  not_ready: 503,
  table_full: 507,
  storage_full: 507,
} as const;

export type ErrorCode = keyof typeof STATUS_OF_CODE;

/** An expected failure with a stable `code`. */
export class SseTableError extends Error {
  override readonly name = 'SseTableError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The HTTP status that goes with `code`. */
  get status(): number {
    return STATUS_OF_CODE[this.code];
  }
}
