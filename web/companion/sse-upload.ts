/**
 * `<sse-upload>`: a zone to drop files on, and how far each of them is, as the server says it.
 *
 * @see SPEC 3.5
 */
import { html, LitElement, type TemplateResult } from 'lit';
import { companionStyle } from '../element/companion-style.ts';
import { usableLocale } from '../wording/format.ts';
import { languageOf } from '../wording/language.ts';
import { fill } from '../wording/text.ts';
import { type CompanionTexts, companionTexts } from './companion-text.ts';
import { FileUpload } from './file-upload.ts';
import { uploadStyle } from './sse-upload-style.ts';

const DEFAULT_SRC = '/api/uploads';

/** Sent side by side: each takes two of the six connections that a browser has for a server. */
const MAX_SENDING = 2;

/** Files in the list; the oldest that are done leave. */
const MAX_FILES = 100;

const CREDENTIALS: readonly RequestCredentials[] = ['include', 'omit', 'same-origin'];

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/**
 * A drop zone.
 *
 * @csspart zone where files are dropped
 * @csspart files the list
 * @csspart file one file; with it its state
 * @csspart bar its progress
 */
export class SseUpload extends LitElement {
  static override styles = [companionStyle, uploadStyle];
  static override properties = {
    src: { type: String },
    credentials: { type: String },
    accept: { type: String },
    single: { type: Boolean },
  };

  /** Where uploads begin. */
  declare src: string | null | undefined;
  declare credentials: string | null | undefined;
  /** Kinds of files to choose from, as of an `<input>`. */
  declare accept: string | null | undefined;
  /** One file at a time is chosen. */
  declare single: boolean | null | undefined;

  #files: FileUpload[] = [];
  #isOver = false;

  protected override render(): TemplateResult {
    const words = companionTexts(languageOf(this));
    return html`<label
        part="zone"
        class=${this.#isOver ? 'zone over' : 'zone'}
        @dragover=${this.#onDragOver}
        @dragleave=${this.#onDragLeave}
        @drop=${this.#onDrop}
      >
        <span class="arrow" aria-hidden="true">↑</span>
        <span>${words.drop} <strong>${words.choose}</strong></span>
        <input
          type="file"
          ?multiple=${!this.single}
          accept=${this.accept ?? ''}
          @change=${this.#onChoose}
        />
      </label>
      <ul part="files">
        ${this.#files.map((upload) => this.#item(upload, words))}
      </ul>`;
  }

  /** Takes files as if they had been dropped. */
  add(files: Iterable<File>): void {
    for (const file of files) {
      this.#files.push(new FileUpload(file, () => this.requestUpdate()));
    }
    while (this.#files.length > MAX_FILES) {
      const done = this.#files.findIndex(({ state }) => state !== 'waiting' && state !== 'sending');
      if (done < 0) break;
      this.#files.splice(done, 1);
    }
    this.requestUpdate();
    this.#sendNext();
  }

  #item(upload: FileUpload, words: CompanionTexts): TemplateResult {
    const { state, file, progress } = upload;
    const label = fill(words.progressOf, { name: file.name });
    return html`<li part="file ${state}" class=${state}>
      <span class="name">${file.name}</span>
      ${this.#action(upload, words)}
      <progress part="bar" max="100" value=${progress} aria-label=${label}></progress>
      <span class="about" role="status">${this.#about(upload, words)}</span>
    </li>`;
  }

  #action(upload: FileUpload, words: CompanionTexts): TemplateResult {
    const { state, downloadUrl, file } = upload;
    switch (state) {
      case 'completed':
        return html`<a href=${downloadUrl ?? ''} download=${file.name}>${words.download}</a>`;
      case 'waiting':
      case 'sending':
        return html`<button type="button" @click=${() => this.#cancel(upload)}>
          ${words.cancel}
        </button>`;
      case 'failed':
      case 'cancelled':
        return html`<button type="button" @click=${() => this.#again(upload)}>
          ${words.again}
        </button>`;
    }
  }

  #about(
    { state, file, progress, bytes, bytesPerS, problem }: FileUpload,
    words: CompanionTexts,
  ): string {
    const size = this.#sizeText(file.size);
    switch (state) {
      case 'waiting':
        return `${size} · ${words.queued}`;
      case 'sending':
        return [
          `${progress} %`,
          `${this.#sizeText(bytes)} / ${size}`,
          `${this.#sizeText(bytesPerS)}/s`,
        ].join(' · ');
      case 'completed':
        return `${size} · ${words.uploaded}`;
      case 'failed':
        return problem ?? words.notUploaded;
      case 'cancelled':
        return words.cancelled;
    }
  }

  #sizeText(bytes: number): string {
    const step = Math.min(
      UNITS.length - 1,
      Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_000)),
    );
    const unit = UNITS[step] ?? 'byte';
    const format = new Intl.NumberFormat(usableLocale(languageOf(this)), {
      style: 'unit',
      unit,
      maximumFractionDigits: 1,
    });
    return format.format(bytes / 1_000 ** step);
  }

  #cancel(upload: FileUpload): void {
    upload.cancel();
    this.#sendNext();
  }

  /** A failed one is begun anew, at the end of the list. */
  #again(upload: FileUpload): void {
    this.#files = this.#files.filter((each) => each !== upload);
    this.add([upload.file]);
  }

  #sendNext(): void {
    let sending = this.#files.filter(({ state }) => state === 'sending').length;
    const address = this.src || DEFAULT_SRC;
    const credentials = CREDENTIALS.find((name) => name === this.credentials) ?? 'same-origin';
    for (const upload of this.#files) {
      if (sending >= MAX_SENDING) return;
      if (upload.state !== 'waiting') continue;
      sending++;
      void upload.send({ address, credentials }).then(() => this.#sendNext());
    }
  }

  #onDragOver(event: DragEvent): void {
    event.preventDefault(); // else the browser opens what is dropped
    this.#setOver(true);
  }

  #onDragLeave(): void {
    this.#setOver(false);
  }

  #onDrop(event: DragEvent): void {
    event.preventDefault();
    this.#setOver(false);
    this.add(event.dataTransfer?.files ?? []);
  }

  #onChoose(event: Event): void {
    if (!(event.target instanceof HTMLInputElement)) return;
    this.add(event.target.files ?? []);
    event.target.value = ''; // so that the same file can be chosen again
  }

  #setOver(isOver: boolean): void {
    if (isOver === this.#isOver) return;
    this.#isOver = isOver;
    this.requestUpdate();
  }
}
