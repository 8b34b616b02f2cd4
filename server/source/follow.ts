/**
 * Follows a file as `tail -F` does: through rotation, truncation, deletion and late creation.
 * Looking at the file at intervals is the truth; fs.watch only makes it look sooner.
 *
 * @see SPEC 2 "--follow", 6 "loses nothing"
 */
import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import type { ByteInput, Piece } from './byte-input.ts';
import type { SourceContext } from './source.ts';

const POLL_MS = 250;

/** Many followed files are not looked at in step. */
const POLL_JITTER = 0.2;

const CHUNK_BYTES = 64 * 1_024; // as much as a pipe gives at once

/** Who rotates makes the new file and then tells the writers, which may take a moment to change. */
const LINGER_MS = 250;

/** A rotation moves the file away for a moment; only after this long is the source down. */
const MISSING_GRACE_MS = 5_000;

export interface FollowDeps {
  clock: Clock;
  random: Random;
  /** Where reading begins in a file that is there at once; undefined: at its start. */
  startAt?: (file: FileHandle) => Promise<number>;
}

/** A file that is read on and on. Its bytes are those of all files that ever had the path, in turn. */
export class FollowInput implements ByteInput {
  readonly #path: string;
  readonly #deps: FollowDeps;
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #file: FileHandle | undefined;
  /** The file that has taken the path, while the old one is read to its end. */
  #next: FileHandle | undefined;
  #offset = 0;
  /** When something was first seen in the next file. */
  #nextSinceMs: number | undefined;
  #missingSinceMs: number | undefined;
  #down: string | undefined;
  #wake: (() => void) | undefined;
  #isWoken = false;

  constructor(path: string, deps: FollowDeps) {
    this.#path = path;
    this.#deps = deps;
  }

  get down(): string | undefined {
    return this.#down;
  }

  async *read(context: SourceContext): AsyncGenerator<Piece> {
    const { signal } = context;
    const wake = this.#wakeUp.bind(this);
    const watcher = this.#watch(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted) {
        this.#isWoken = false; // what happens from here on is seen by this look or wakes the next
        const piece = await this.#look(context);
        if (piece !== undefined) yield piece;
        else await this.#pause(signal);
      }
    } finally {
      signal.removeEventListener('abort', wake);
      watcher?.close();
      await this.#file?.close();
      await this.#next?.close();
    }
  }

  /** The next piece, or undefined when there is nothing new. */
  async #look(context: SourceContext): Promise<Piece | undefined> {
    if (this.#file === undefined) {
      const isLate = this.#missingSinceMs !== undefined;
      this.#file = await this.#open(context);
      if (this.#file === undefined) return undefined;
      if (!isLate) this.#offset = (await this.#deps.startAt?.(this.#file)) ?? 0;
    }
    // Whether the old file is over is decided before it is read: what was written to it until then
    // is read now, and only an empty read after the decision lets it go.
    const isOver = await this.#isOver();
    const bytes = await this.#readOn(this.#file);
    if (bytes !== undefined) return bytes;
    if (isOver) return this.#switchOver(context);
    const { size } = await this.#file.stat();
    if (size < this.#offset) {
      this.#offset = 0;
      context.report({
        level: 'info',
        message: 'the file was truncated; reading it from its start',
      });
      return 'restart';
    }
    await this.#findNext(context);
    return undefined;
  }

  async #readOn(file: FileHandle): Promise<Uint8Array | undefined> {
    const { bytesRead } = await file.read(this.#buffer, 0, CHUNK_BYTES, this.#offset);
    if (bytesRead === 0) return undefined;
    this.#offset += bytesRead;
    return this.#buffer.subarray(0, bytesRead);
  }

  /** Whether nothing more will be written to the old file: the new one has been in use for long. */
  async #isOver(): Promise<boolean> {
    if (this.#next === undefined) return false;
    const nowMs = this.#deps.clock.now();
    if (this.#nextSinceMs === undefined && (await this.#next.stat()).size > 0) {
      this.#nextSinceMs = nowMs;
    }
    return this.#nextSinceMs !== undefined && nowMs - this.#nextSinceMs >= LINGER_MS;
  }

  async #switchOver(context: SourceContext): Promise<Piece> {
    await this.#file?.close();
    this.#file = this.#next;
    this.#next = undefined;
    this.#nextSinceMs = undefined;
    this.#offset = 0;
    context.report({ level: 'info', message: 'the file was rotated; reading the new one' });
    return 'restart';
  }

  /** Looks whether another file has the path by now, and holds it: it may be rotated away in turn. */
  async #findNext(context: SourceContext): Promise<void> {
    if (this.#file === undefined || this.#next !== undefined) return;
    try {
      const [held, named] = await Promise.all([this.#file.stat(), stat(this.#path)]);
      // The number of a file that is held open is given to no other.
      if (held.ino !== named.ino || held.dev !== named.dev) this.#next = await open(this.#path);
      this.#noteFound(context);
    } catch (error) {
      this.#noteMissing(error, context, MISSING_GRACE_MS);
    }
  }

  /** Opens the path for the first time; undefined while that fails. */
  async #open(context: SourceContext): Promise<FileHandle | undefined> {
    try {
      const file = await open(this.#path);
      this.#noteFound(context);
      return file;
    } catch (error) {
      this.#noteMissing(error, context, 0);
      return undefined;
    }
  }

  #noteFound(context: SourceContext): void {
    if (this.#down !== undefined) context.report({ level: 'info', message: 'the file is there' });
    this.#missingSinceMs = undefined;
    this.#down = undefined;
  }

  #noteMissing(error: unknown, context: SourceContext, graceMs: number): void {
    const nowMs = this.#deps.clock.now();
    this.#missingSinceMs ??= nowMs;
    if (this.#down !== undefined || nowMs - this.#missingSinceMs < graceMs) return;
    this.#down = reasonOf(error);
    context.report({ level: 'warn', message: `${this.#down}; waiting for it` });
  }

  #wakeUp(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Until the next look, the first sign of news, or the abort. */
  async #pause(signal: AbortSignal): Promise<void> {
    if (this.#isWoken || signal.aborted) return;
    const { clock, random } = this.#deps;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(jitter(POLL_MS, POLL_JITTER, random), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Watches the folder, which sees the file come and go; undefined where that is not possible. */
  #watch(wake: () => void): FSWatcher | undefined {
    const name = basename(this.#path);
    try {
      const watcher = watch(dirname(this.#path), { persistent: false }, (_event, changed) => {
        if (changed === null || changed === name) wake();
      });
      watcher.on('error', () => watcher.close()); // looking at intervals goes on without it
      return watcher;
    } catch {
      return undefined; // no such folder yet, or no watches left: looking at intervals suffices
    }
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT') return 'the file does not exist';
  return code === 'EACCES' ? 'the file may not be read' : `the file cannot be opened (${code})`;
}
