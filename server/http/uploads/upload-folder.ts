/**
 * The folder of uploads. Files are named by their ids alone, so that no name a client chooses ever
 * becomes a path: `<id>.part` while the body comes, then `<id>.data`, and `<id>.json` says what it is.
 *
 * @see SPEC 3.5
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SseTableError } from '../../base/errors.ts';

const OUR_FILE = /^([a-z0-9]{26})\.(part|data|json)$/;

/** What is kept of a whole upload. */
export interface UploadRecord {
  id: string;
  filename: string;
  bytes: number;
  expiresAtMs: number;
}

/** Files of one folder. */
export class UploadFolder {
  readonly #folder: string;

  /** @throws {SseTableError} `bad_option` naming the folder and the fix. */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? error.code : error;
      throw new SseTableError(
        'bad_option',
        `--uploads "${folder}" cannot be used (${reason}); name a folder that may be written to`,
        { cause: error },
      );
    }
  }

  /** Takes away what was interrupted; gives what is whole. Other files are left alone. */
  async restore(): Promise<UploadRecord[]> {
    const ids = new Map<string, Set<string>>();
    for (const name of await readdir(this.#folder)) {
      const [, id = '', kind = ''] = OUR_FILE.exec(name) ?? [];
      if (id !== '') ids.set(id, (ids.get(id) ?? new Set()).add(kind));
    }
    const records: UploadRecord[] = [];
    for (const [id, kinds] of ids) {
      const isWhole = kinds.has('data') && kinds.has('json');
      const record = isWhole ? await this.#readRecord(id) : undefined;
      if (record === undefined) await this.remove(id);
      else records.push(record);
    }
    return records;
  }

  /** Where the body goes. */
  create(id: string): Promise<FileHandle> {
    return open(this.#path(id, 'part'), 'w', 0o600);
  }

  /** The body is whole. */
  async keep(record: UploadRecord): Promise<void> {
    await writeFile(this.#path(record.id, 'json'), JSON.stringify(record), { mode: 0o600 });
    await rename(this.#path(record.id, 'part'), this.#path(record.id, 'data'));
  }

  open(id: string): Promise<FileHandle> {
    return open(this.#path(id, 'data'));
  }

  async remove(id: string): Promise<void> {
    for (const kind of ['data', 'json', 'part']) await rm(this.#path(id, kind), { force: true });
  }

  /** What cannot be read is as good as interrupted. */
  async #readRecord(id: string): Promise<UploadRecord | undefined> {
    try {
      const record: unknown = JSON.parse(await readFile(this.#path(id, 'json'), 'utf8'));
      return isRecord(record) && record.id === id ? record : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #path(id: string, kind: string): string {
    return join(this.#folder, `${id}.${kind}`);
  }
}

function isRecord(value: unknown): value is UploadRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { id, filename, bytes, expiresAtMs } = value as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    typeof filename === 'string' &&
    typeof bytes === 'number' &&
    typeof expiresAtMs === 'number'
  );
}
