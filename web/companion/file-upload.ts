/**
 * One file on its way to the server: begun, sent, followed on its progress stream.
 *
 * @see SPEC 3.5
 */
import { acquireFeed } from '../feed/shared-feed.ts';

export type FileUploadState = 'waiting' | 'sending' | 'completed' | 'failed' | 'cancelled';

/** Where uploads begin, and with which credentials. */
export interface UploadTarget {
  /** `/api/uploads`, or the same of another origin. */
  address: string;
  credentials: RequestCredentials;
}

/** One file. */
export class FileUpload {
  readonly file: File;
  readonly #onChange: () => void;
  readonly #abort = new AbortController();
  #state: FileUploadState = 'waiting';
  #progress = 0;
  #bytes = 0;
  #bytesPerS = 0;
  #problem: string | undefined;
  #downloadUrl: string | undefined;

  constructor(file: File, onChange: () => void) {
    this.file = file;
    this.#onChange = onChange;
  }

  get state(): FileUploadState {
    return this.#state;
  }

  /** Percent on the server's disk. */
  get progress(): number {
    return this.#progress;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get bytesPerS(): number {
    return this.#bytesPerS;
  }

  /** Why it failed, in the server's words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get downloadUrl(): string | undefined {
    return this.#downloadUrl;
  }

  /** Resolves when it is completed, has failed or was cancelled. */
  async send(target: UploadTarget): Promise<void> {
    if (this.#state !== 'waiting') return;
    this.#become('sending');
    let release: (() => void) | undefined;
    try {
      const begun = await this.#begin(target);
      release = this.#follow(resolveUrl(begun, 'progress_url', target), target);
      const answer = await this.#request(resolveUrl(begun, 'upload_url', target), target, {
        method: 'PUT',
        body: this.file,
      });
      this.#downloadUrl = resolveUrl(answer, 'download_url', target);
      this.#progress = 100;
      this.#become('completed');
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#become('failed');
    } finally {
      release?.();
    }
  }

  /** Breaks it off; the server keeps nothing of it. */
  cancel(): void {
    if (this.#state !== 'waiting' && this.#state !== 'sending') return;
    this.#become('cancelled');
    this.#abort.abort();
  }

  #begin(target: UploadTarget): Promise<unknown> {
    const { name: filename, size } = this.file;
    return this.#request(target.address, target, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ filename, size }),
    });
  }

  #follow(address: string, { credentials }: UploadTarget): () => void {
    const { feed, release } = acquireFeed(address, credentials);
    const off = feed.on('event', (event) => {
      if (event.type !== 'progress' || this.#state !== 'sending') return;
      this.#progress = event.progress;
      this.#bytes = event.bytes;
      this.#bytesPerS = event.bytes_per_s;
      this.#onChange();
    });
    return () => {
      off();
      release();
    };
  }

  /** @throws {Error} with the server's words, or the network's. */
  async #request(
    address: string,
    { credentials }: UploadTarget,
    init: RequestInit,
  ): Promise<unknown> {
    const { signal } = this.#abort;
    const response = await fetch(address, { ...init, credentials, signal });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return body;
    throw new Error(textIn(body, 'message') ?? `${response.status} ${response.statusText}`);
  }

  #become(state: FileUploadState): void {
    this.#state = state;
    this.#onChange();
  }
}

/** Addresses come without an origin: they are the server's. */
function resolveUrl(body: unknown, name: string, { address }: UploadTarget): string {
  const path = textIn(body, name);
  if (path === undefined) throw new SyntaxError(`the server's answer has no ${name}`);
  return new URL(path, new URL(address, document.baseURI)).href;
}

function textIn(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null && Reflect.get(body, name);
  return typeof value === 'string' ? value : undefined;
}
