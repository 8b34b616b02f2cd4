/**
 * The Uploads of a server: how many, how large, how long.
 *
 * @see SPEC 3.5
 */
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Cancel, Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Upload } from './upload.ts';
import { UploadFolder } from './upload-folder.ts';

/** Uploads that are known at once, whole ones and others. */
const MAX_UPLOADS = 10_000;

/** An upload whose body does not come is forgotten. */
const WAIT_MS = 10 * 60_000;

const SWEEP_MS = 10_000;

const ID_LENGTH = 26;

export interface UploadsOptions {
  /** The folder; undefined: no uploads are taken. */
  uploads: string | undefined;
  /** Bytes of one file. */
  maxUpload: number;
  /** Bytes of all files together. */
  uploadQuota: number;
  /** How long a whole one is kept, in ms. */
  uploadExpiry: number;
}

interface UploadsDeps {
  clock: Clock;
  log: Log;
}

/**
 * The uploads as the options want them, if they do.
 * @throws {SseTableError} `bad_option` naming the folder and the fix.
 */
export function openUploads(options: UploadsOptions, deps: UploadsDeps): Uploads | undefined {
  const { uploads } = options;
  if (uploads === undefined) return undefined;
  return new Uploads(new UploadFolder(uploads), options, deps);
}

/** Numbers since the start, and what there is now. */
export interface UploadFigures {
  uploading: number;
  stored: number;
  /** On the disk, those under way included. */
  bytes: number;
  completed: number;
  interrupted: number;
  refused: number;
  expired: number;
}

export class Uploads {
  readonly #folder: UploadFolder;
  readonly #options: UploadsOptions;
  readonly #deps: UploadsDeps;
  readonly #uploads = new Map<string, Upload>();
  readonly #ready: Promise<void>;
  readonly #stopSweeping: Cancel;
  readonly #counts = { completed: 0, interrupted: 0, refused: 0, expired: 0 };

  constructor(folder: UploadFolder, options: UploadsOptions, deps: UploadsDeps) {
    this.#folder = folder;
    this.#options = options;
    this.#deps = deps;
    this.#ready = this.#restore();
    this.#stopSweeping = deps.clock.every(SWEEP_MS, () => void this.#sweep());
  }

  get figures(): UploadFigures {
    const all = [...this.#uploads.values()];
    return {
      uploading: all.filter(({ state }) => state === 'uploading').length,
      stored: all.filter(({ state }) => state === 'completed').length,
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      ...this.#counts,
    };
  }

  /**
   * Makes room for a file.
   * @throws {SseTableError} `body_too_large`, `storage_full`, `too_many`.
   */
  async create(filename: string, size: number | undefined): Promise<Upload> {
    await this.#ready;
    if (size !== undefined) this.#checkSize(size, 0);
    if (this.#uploads.size >= MAX_UPLOADS) {
      this.#counts.refused++;
      throw new SseTableError('too_many', `there are ${MAX_UPLOADS} uploads; delete some, or wait`);
    }
    const { clock } = this.#deps;
    const expiresAtMs = clock.now() + WAIT_MS;
    const upload = new Upload({ id: createId(), filename, size, expiresAtMs }, clock);
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** @throws {SseTableError} `unknown_upload`. */
  async require(id: string): Promise<Upload> {
    await this.#ready;
    const upload = this.#uploads.get(id);
    if (upload !== undefined) return upload;
    const shown = JSON.stringify(id.slice(0, 64));
    throw new SseTableError(
      'unknown_upload',
      `there is no upload ${shown}, or not any more; POST /api/uploads begins one`,
    );
  }

  /**
   * Writes a body to the disk: the next chunk is asked for when this one is written.
   * @param announced bytes, where the client says how many will come.
   * @throws {SseTableError} `conflict`: it is there, or under way; `bad_request`: it is not of the size
   * announced; `body_too_large`; `storage_full`; whatever `chunks` throws. Nothing is kept then.
   */
  async write(
    upload: Upload,
    announced: number | undefined,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (upload.state !== 'waiting') {
      throw new SseTableError('conflict', `the upload is ${upload.state} already`);
    }
    const expected = upload.size;
    if (announced !== undefined) {
      if (expected !== undefined && announced !== expected) throw wrongSize(expected, announced);
      this.#checkSize(announced, upload.size ?? 0);
    }
    upload.size ??= announced;
    upload.begin();
    try {
      const bytes = await this.#receive(upload, chunks);
      if (upload.size !== undefined && bytes !== upload.size) throw wrongSize(upload.size, bytes);
      await this.#keep(upload, bytes);
    } catch (error) {
      const failure = isDiskFull(error) ? diskFull(error) : error;
      const isOurs = failure instanceof SseTableError;
      this.#counts.interrupted++;
      upload.size = expected;
      upload.expiresAtMs = this.#deps.clock.now() + WAIT_MS;
      upload.fail(
        isOurs ? failure.code : 'interrupted',
        isOurs ? failure.message : 'the upload broke off; send it again',
      );
      await this.#folder.remove(upload.id);
      throw failure;
    }
  }

  /** @throws {SseTableError} `not_ready`: it is not whole. */
  open(upload: Upload): Promise<FileHandle> {
    if (upload.state === 'completed') return this.#folder.open(upload.id);
    throw new SseTableError('unknown_upload', 'the upload is not complete; see its progress');
  }

  /** @throws {SseTableError} `conflict`: it is under way. */
  async delete(upload: Upload): Promise<void> {
    if (upload.state === 'uploading') {
      throw new SseTableError('conflict', 'the upload is under way; break it off first');
    }
    this.#uploads.delete(upload.id);
    upload.leave();
    await this.#folder.remove(upload.id);
  }

  /** Lets go of time; whole files stay. */
  close(): void {
    this.#stopSweeping();
  }

  async #receive(upload: Upload, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    await using file = await this.#folder.create(upload.id);
    for await (const chunk of chunks) {
      const bytes = upload.bytes + chunk.length;
      if (upload.size === undefined) this.#checkSize(bytes, upload.bytes);
      else if (bytes > upload.size) throw wrongSize(upload.size, bytes);
      for (let start = 0; start < chunk.length; ) {
        start += (await file.write(chunk, start)).bytesWritten;
      }
      upload.add(chunk.length);
    }
    return upload.bytes;
  }

  async #keep(upload: Upload, bytes: number): Promise<void> {
    const expiresAtMs = this.#deps.clock.now() + this.#options.uploadExpiry;
    const { id, filename } = upload;
    await this.#folder.keep({ id, filename, bytes, expiresAtMs });
    upload.expiresAtMs = expiresAtMs;
    this.#counts.completed++;
    upload.complete(bytes);
  }

  /** @param reserved what the upload has been counted with so far. */
  #checkSize(bytes: number, reserved: number): void {
    const { maxUpload: maxBytes, uploadQuota: quotaBytes } = this.#options;
    if (bytes > maxBytes) {
      this.#counts.refused++;
      throw new SseTableError(
        'body_too_large',
        `a file may have at most ${maxBytes} bytes; send a smaller one, or raise --max-upload`,
      );
    }
    if (this.#reservedBytes() - reserved + bytes <= quotaBytes) return;
    this.#counts.refused++;
    throw new SseTableError(
      'storage_full',
      `uploads take ${quotaBytes} bytes at most, and there is no room for ${bytes}; ` +
        'delete some, wait until others expire, or raise --upload-quota',
    );
  }

  #reservedBytes(): number {
    let sum = 0;
    for (const { bytes, size = 0 } of this.#uploads.values()) sum += Math.max(bytes, size);
    return sum;
  }

  async #restore(): Promise<void> {
    const { clock, log } = this.#deps;
    try {
      for (const { bytes, ...record } of await this.#folder.restore()) {
        const upload = new Upload({ ...record, size: bytes }, clock);
        upload.complete(bytes);
        this.#uploads.set(upload.id, upload);
      }
    } catch (error) {
      log.error('the folder of uploads cannot be read', { error });
    }
  }

  async #sweep(): Promise<void> {
    const { clock, log } = this.#deps;
    const nowMs = clock.now();
    for (const upload of this.#uploads.values()) {
      if (upload.state === 'uploading' || nowMs < upload.expiresAtMs) continue;
      this.#counts.expired++;
      await this.delete(upload).catch((error: unknown) => {
        log.error('an upload that has expired cannot be deleted', { error });
      });
    }
  }
}

/** 130 bits that nobody guesses, in small letters and digits. */
function createId(): string {
  return BigInt(`0x${randomBytes(17).toString('hex')}`)
    .toString(36)
    .padStart(ID_LENGTH, '0')
    .slice(-ID_LENGTH);
}

function wrongSize(expected: number, bytes: number): SseTableError {
  const message = `${expected} bytes were announced, and ${bytes} came; send the whole file again`;
  return new SseTableError('bad_request', message);
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

function diskFull(cause: unknown): SseTableError {
  return new SseTableError('storage_full', 'the disk is full; nothing was kept', { cause });
}
