/**
 * The dashboard's calls to the server. Every failure is an ApiError whose message may be shown.
 *
 * @see SPEC 3, 3.1, 3.3
 */

/** A table as `GET /api/tables` lists it. */
export interface TableInfo {
  name: string;
  key: string;
  columns: { name: string; type: string }[];
  rows: number;
}

/** What the server refused, or that it could not be reached (`code` is then `unreachable`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @throws {ApiError} */
export async function listTables(): Promise<TableInfo[]> {
  const body = await call('/api/tables');
  return Array.isArray(body.data) ? body.data.filter(isTableInfo) : [];
}

/** Whether the server runs the demo. @throws {ApiError} when it cannot be reached. */
export async function hasDemo(): Promise<boolean> {
  try {
    await call('/api/data');
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code !== 'unreachable') return false;
    throw error;
  }
}

/** Starts a session of the generator. @returns its id. @throws {ApiError} */
export async function startSession(settings: {
  interval_ms: number;
  max_session_s: number;
}): Promise<string> {
  const body = await call('/api/start', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  const id = body.session_id;
  if (typeof id !== 'string') throw new ApiError('bad_answer', 'the server named no session');
  return id;
}

/** Stops a session; one already stopped too. @throws {ApiError} */
export async function stopSession(id: string): Promise<void> {
  await call(`/api/stop/${encodeURIComponent(id)}`, { method: 'POST' });
}

async function call(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError('unreachable', message, { cause });
  }
  if (!response.ok) throw await refusal(response);
  return bodyOf(response);
}

async function refusal(response: Response): Promise<ApiError> {
  const status = `${response.status} ${response.statusText}`.trim();
  const body = await bodyOf(response).catch((): Record<string, unknown> => ({}));
  const code = typeof body.code === 'string' ? body.code : String(response.status);
  return new ApiError(code, typeof body.message === 'string' ? body.message : status);
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    if (isRecord(body)) return body;
  } catch (cause) {
    throw new ApiError('bad_answer', 'the server’s answer is not JSON', { cause });
  }
  throw new ApiError('bad_answer', 'the server’s answer is not an object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTableInfo(value: unknown): value is TableInfo {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    typeof value.key === 'string' &&
    typeof value.rows === 'number' &&
    Array.isArray(value.columns)
  );
}
