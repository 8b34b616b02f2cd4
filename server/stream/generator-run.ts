/**
 * A GeneratorRun: one client's run of a generator. It pulls the next item only while the client's
 * socket takes more, so that a generator without end needs no more memory than one item.
 *
 * What is there at once is gathered into one write; an item that comes alone leaves alone.
 *
 * @see SPEC 4 "pulled only as fast as the client reads"
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { eventText } from '../wire/event-text.ts';
import { encodeAside } from './frame.ts';
import type { Subscriber } from './subscriber.ts';

/** Text gathered for one write. A read-ahead too: no more has been pulled than this and the socket's buffers. */
const MAX_WRITE_CHARS = 16 * 1_024;

/** Text after which everything else gets its turn, however fast the client reads. */
const MAX_TURN_CHARS = 64 * 1_024;

/** What yields the items: an async or a sync generator, a stream, an array. */
export type Items = Iterable<unknown> | AsyncIterable<unknown>;

export interface GeneratorRunOptions {
  clock: Clock;
  subscriber: Subscriber;
  /** Starts the generator; `signal` is aborted when nobody reads it any more. */
  start: (signal: AbortSignal) => Items;
  /** The generator has ended, or has thrown: the last words. Not called after `cancel`. */
  onEnd: (failure: { error: unknown } | undefined) => void;
  /** It threw while it was cleaning up. */
  onLateError: (error: unknown) => void;
}

/** One client's run. It begins by itself, once the events at hand have been dealt with. */
export class GeneratorRun {
  readonly subscriber: Subscriber;
  readonly #options: GeneratorRunOptions;
  readonly #controller = new AbortController();
  readonly #done = Promise.withResolvers<void>();
  #cleaning: Promise<void> | undefined;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  /** The generator is at work: it cannot be told to return before it has yielded or awaits. */
  #isStepping = false;
  #text = '';
  #turnChars = 0;
  #cancelWrite: Cancel | undefined;
  #goOn: () => void = () => undefined;
  #isOver = false;
  #wroteAtMs: number;

  constructor(options: GeneratorRunOptions) {
    this.#options = options;
    this.subscriber = options.subscriber;
    this.#wroteAtMs = options.clock.now();
    void this.#run();
  }

  /** Resolves when the generator has ended and cleaned up. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** When the client was last written to, in ms since the epoch. */
  get wroteAtMs(): number {
    return this.#wroteAtMs;
  }

  /** The client can take more. */
  drained(): void {
    this.subscriber.drained();
    this.#goOn();
  }

  /** Writes what has been gathered. */
  flush(): void {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.write(text);
  }

  /** Writes `text` beside what the generator yields. */
  write(text: string): void {
    this.subscriber.writeAside(encodeAside(text));
    this.#wroteAtMs = this.#options.clock.now();
  }

  /**
   * Nobody reads any more: the generator's signal is aborted, and its `finally` runs as soon as it
   * awaits nothing. Harmless after the end.
   */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWrite?.();
    this.#text = '';
    this.#controller.abort();
    this.#goOn();
    if (!this.#isStepping) this.#cleanUp();
  }

  async #run(): Promise<void> {
    let failure: { error: unknown } | undefined;
    try {
      await this.#pull();
    } catch (error) {
      failure = { error };
    }
    if (!this.#isOver) {
      this.#isOver = true;
      this.flush();
      this.#options.onEnd(failure);
      this.#controller.abort();
    } else if (failure !== undefined) this.#tellLateError(failure.error);
    this.#cleanUp();
  }

  async #pull(): Promise<void> {
    // The response's head goes out first, whatever the generator does before its first item.
    await this.#turn();
    if (this.#isOver) return;
    const iterator = iteratorOf(this.#options.start(this.#controller.signal));
    this.#iterator = iterator;
    while (!this.#isOver) {
      this.#isStepping = true;
      const step = iterator.next();
      this.#isStepping = false;
      const { done, value } = 'then' in step ? await step : step;
      if (done === true) {
        this.#iterator = undefined;
        return;
      }
      const item: unknown = value instanceof Promise ? await value : value;
      if (this.#isOver) return;
      this.#take(eventText(item));
      if (this.#turnChars >= MAX_TURN_CHARS) await this.#turn();
      while (!this.#isOver && !this.subscriber.isIdle) await this.#room();
    }
  }

  #take(text: string): void {
    this.#text += text;
    this.#turnChars += text.length;
    if (this.#text.length >= MAX_WRITE_CHARS) this.flush();
    else this.#cancelWrite ??= this.#options.clock.after(0, () => this.flush());
  }

  /** Lets everything else have its turn. */
  #turn(): Promise<void> {
    this.#turnChars = 0;
    return new Promise((resolve) => {
      this.#options.clock.after(0, resolve);
    });
  }

  /** Waits until the client can take more, or there is none. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  /** Has the generator return, once, whether it waits at a `yield` or for something of its own. */
  #cleanUp(): void {
    this.#cleaning ??= this.#return().catch((error: unknown) => this.#tellLateError(error));
    this.#done.resolve(this.#cleaning);
  }

  async #return(): Promise<void> {
    await this.#iterator?.return?.();
  }

  /** What it throws because its signal was aborted is no news. */
  #tellLateError(error: unknown): void {
    const isAbort = error instanceof Error && error.name === 'AbortError';
    if (!isAbort) this.#options.onLateError(error);
  }
}

/** @throws {TypeError} where it is no generator at all. */
function iteratorOf(items: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  if (typeof items === 'object' && items !== null) {
    if (isAsyncIterable(items)) return items[Symbol.asyncIterator]();
    if (isIterable(items)) return items[Symbol.iterator]();
  }
  throw new TypeError('the handler of a stream must be a generator: function* or async function*');
}

function isAsyncIterable(items: object): items is AsyncIterable<unknown> {
  return Symbol.asyncIterator in items;
}

function isIterable(items: object): items is Iterable<unknown> {
  return Symbol.iterator in items;
}
