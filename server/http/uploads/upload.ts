/**
 * An Upload: one file on its way to the disk, and how far it is. Any number of watchers follow it.
 *
 * @see SPEC 3.5
 */
import type { Cancel, Clock } from '../../base/clock.ts';

/** Watchers hear of progress at most this often: as smooth as an eye can follow. */
const TELL_MS = 100;

/** The rate is that of about this long. */
const RATE_WINDOW_MS = 1_000;

const MS_PER_SECOND = 1_000;

const WHOLE = 100;

/** `waiting` for its body, or for it to be sent again after it broke off. */
export type UploadState = 'waiting' | 'uploading' | 'completed' | 'gone';

/** What watchers are told. */
export type UploadEvent =
  | {
      type: 'init';
      filename: string;
      progress: number;
      completed: boolean;
      bytes: number;
      size: number | null;
    }
  | { type: 'progress'; progress: number; bytes: number; bytes_per_s: number }
  | {
      type: 'completed';
      filename: string;
      file_size: number;
      download_url: string;
      progress: typeof WHOLE;
    }
  | { type: 'error'; code: string; message: string };

/** One file. */
export class Upload {
  readonly id: string;
  /** Fit to be shown and saved; the file on the disk is named by the id. */
  readonly filename: string;
  /** Bytes announced; undefined: nobody has said. */
  size: number | undefined;
  expiresAtMs: number;
  readonly #clock: Clock;
  readonly #wakes = new Set<() => void>();
  #state: UploadState = 'waiting';
  #bytes = 0;
  #problem: { code: string; message: string } | undefined;
  /** Counts the problems there have been: a watcher hears of each once. */
  #problems = 0;
  #toldAtMs = 0;
  /** What has come since the last time is told soon, also if nothing more comes. */
  #cancelTell: Cancel | undefined;
  #rateFrom = { bytes: 0, atMs: 0 };
  #bytesPerS = 0;

  constructor(
    { id, filename, size, expiresAtMs }: Pick<Upload, 'id' | 'filename' | 'size' | 'expiresAtMs'>,
    clock: Clock,
  ) {
    this.id = id;
    this.filename = filename;
    this.size = size;
    this.expiresAtMs = expiresAtMs;
    this.#clock = clock;
  }

  get state(): UploadState {
    return this.#state;
  }

  /** Bytes that have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A whole number of percent; 0 while nobody has said how many bytes there will be. */
  get progress(): number {
    if (this.#state === 'completed') return WHOLE;
    if (this.size === undefined || this.size === 0) return 0;
    return Math.min(WHOLE, Math.floor((this.#bytes / this.size) * WHOLE));
  }

  get downloadUrl(): string {
    return `/api/download/${this.id}`;
  }

  /** Its body begins to come. */
  begin(): void {
    this.#state = 'uploading';
    this.#bytes = 0;
    this.#bytesPerS = 0;
    this.#rateFrom = { bytes: 0, atMs: this.#clock.now() };
    this.#tell();
  }

  /** So many bytes more are on the disk. */
  add(bytes: number): void {
    this.#bytes += bytes;
    const nowMs = this.#clock.now();
    const sinceMs = nowMs - this.#rateFrom.atMs;
    if (sinceMs >= TELL_MS) {
      this.#bytesPerS = Math.round(
        ((this.#bytes - this.#rateFrom.bytes) / sinceMs) * MS_PER_SECOND,
      );
    }
    if (sinceMs >= RATE_WINDOW_MS) this.#rateFrom = { bytes: this.#bytes, atMs: nowMs };
    if (nowMs - this.#toldAtMs >= TELL_MS) this.#tell();
    else this.#cancelTell ??= this.#clock.after(TELL_MS, () => this.#tell());
  }

  /** All of it is there. */
  complete(bytes: number): void {
    this.#bytes = bytes;
    this.#state = 'completed';
    this.#tell();
  }

  /** It broke off, and may be sent again. */
  fail(code: string, message: string): void {
    this.#state = 'waiting';
    this.#bytes = 0;
    this.#say(code, message);
  }

  /** It is no more: expired, or deleted. */
  leave(): void {
    this.#state = 'gone';
    this.#say('gone', 'the upload has been deleted, or its time is up');
  }

  /** What a watcher is told, from now until it is completed or gone. */
  async *watch(signal: AbortSignal): AsyncGenerator<UploadEvent, void> {
    let problems = this.#problems;
    let said = -1;
    yield {
      type: 'init',
      filename: this.filename,
      progress: this.progress,
      completed: this.#state === 'completed',
      bytes: this.#bytes,
      size: this.size ?? null,
    };
    while (!signal.aborted) {
      if (this.#problem !== undefined && problems !== this.#problems) {
        problems = this.#problems;
        yield { type: 'error', ...this.#problem };
      }
      if (this.#state === 'gone') return;
      if (this.#state === 'completed') {
        yield {
          type: 'completed',
          filename: this.filename,
          file_size: this.#bytes,
          download_url: this.downloadUrl,
          progress: WHOLE,
        };
        return;
      }
      if (this.#state === 'uploading' && said !== this.#bytes) {
        said = this.#bytes;
        const { progress } = this;
        yield { type: 'progress', progress, bytes: said, bytes_per_s: this.#bytesPerS };
        continue; // it may have gone on meanwhile
      }
      await this.#changed(signal);
    }
  }

  #say(code: string, message: string): void {
    this.#problem = { code, message };
    this.#problems++;
    this.#tell();
  }

  #tell(): void {
    this.#cancelTell?.();
    this.#cancelTell = undefined;
    this.#toldAtMs = this.#clock.now();
    const wakes = [...this.#wakes];
    this.#wakes.clear();
    for (const wake of wakes) wake();
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#wakes.delete(finish);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      this.#wakes.add(finish);
      signal.addEventListener('abort', finish);
    });
  }
}
