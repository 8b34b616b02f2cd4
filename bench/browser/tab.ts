/**
 * A tab of a browser of its own, driven by the DevTools protocol alone: playwright would keep every
 * page visible, and a benchmark must be able to hide one.
 */
import type { Browser, CDPSession } from 'playwright-core';
import { launchChromium } from '../../test/services/chromium.ts';

/** A page that does not answer within this time is given up. */
const ANSWER_LIMIT_MS = 30_000;

const WIDTH = 1_280;
const HEIGHT = 860;

/** What `Performance.getMetrics` tells; seconds, bytes and counts. */
export type Metrics = Readonly<Record<string, number>>;

/** What the protocol knows the page by. */
interface Target {
  targetId: string;
  sessionId: string;
  browserContextId: string;
}

interface Reply {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The tab. Disposing of it closes the browser. */
export class Tab implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #session: CDPSession;
  readonly #target: Target;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #other: string | undefined;

  /** Opens `url` in a fresh browser. */
  static async open(url: string): Promise<Tab> {
    const browser = await launchChromium();
    const session = await browser.newBrowserCDPSession();
    const { browserContextId } = await session.send('Target.createBrowserContext');
    const { targetId } = await session.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
    });
    const { sessionId } = await session.send('Target.attachToTarget', { targetId });
    const tab = new Tab(browser, session, { targetId, sessionId, browserContextId });
    const size = { width: WIDTH, height: HEIGHT, deviceScaleFactor: 1, mobile: false };
    await tab.send('Emulation.setDeviceMetricsOverride', size);
    await tab.send('Performance.enable');
    await tab.send('HeapProfiler.enable');
    await tab.send('Page.navigate', { url });
    return tab;
  }

  private constructor(browser: Browser, session: CDPSession, target: Target) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
    session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
      if (sessionId === target.sessionId) this.#take(JSON.parse(message));
    });
  }

  /** The version of the browser. */
  get version(): string {
    return this.#browser.version();
  }

  /** Sends a command of the protocol. @throws {Error} when it fails or takes longer than 30 s. */
  send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const reply = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), ANSWER_LIMIT_MS);
      this.#waiting.set(id, {
        resolve(result) {
          clearTimeout(timer);
          resolve(result);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
    const message = JSON.stringify({ id, method, params });
    const { sessionId } = this.#target;
    this.#session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => undefined);
    return reply;
  }

  /** The value of an expression, once its promise is resolved. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    const { result, exceptionDetails } = Object(reply);
    if (exceptionDetails !== undefined) {
      throw new Error(`${expression}: ${result?.description ?? exceptionDetails.text}`);
    }
    return result?.value;
  }

  async metrics(): Promise<Metrics> {
    const { metrics } = Object(await this.send('Performance.getMetrics'));
    const pairs: { name: string; value: number }[] = metrics;
    return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
  }

  /** Bytes of JavaScript objects in use, after a collection. */
  async heapBytes(): Promise<number> {
    await this.send('HeapProfiler.collectGarbage');
    return (await this.metrics()).JSHeapUsedSize ?? Number.NaN;
  }

  /** Puts another tab in front. */
  async hide(): Promise<void> {
    const { browserContextId } = this.#target;
    const url = 'about:blank';
    this.#other ??= (
      await this.#session.send('Target.createTarget', { url, browserContextId })
    ).targetId;
    await this.#session.send('Target.activateTarget', { targetId: this.#other });
  }

  async show(): Promise<void> {
    await this.#session.send('Target.activateTarget', { targetId: this.#target.targetId });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { reject } of this.#waiting.values()) reject(new Error('the browser was closed'));
    await this.#browser.close();
  }

  #take({ id, result, error }: Reply): void {
    if (id === undefined) return; // an event: none is needed
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }
}
