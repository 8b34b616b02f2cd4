/** A TCP proxy on a free port of 127.0.0.1, for tests of a network that is cut. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards to one port until told otherwise. Disposing of it closes all. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  #targetPort: number;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#forward(near));
  }

  static async create(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // it listens on TCP
  }

  /** From now on nothing passes; `silent`: nobody is told, as when a cable is pulled. */
  cut(how: 'silent' | 'reset'): void {
    this.#isCut = true;
    for (const socket of this.#sockets) {
      if (how === 'silent') socket.pause();
      else socket.resetAndDestroy();
    }
  }

  /** New connections pass again; those that were cut silently are dead. */
  restore(): void {
    this.#isCut = false;
  }

  /** New connections go to another port, as after a fail-over. */
  retarget(port: number): void {
    this.#targetPort = port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(near: Socket): void {
    this.#watch(near);
    if (this.#isCut) {
      near.pause(); // it is accepted, and never answered
      return;
    }
    const far = connect(this.#targetPort, '127.0.0.1');
    this.#watch(far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => {
        if (!this.#isCut) to.write(chunk);
      });
      from.on('close', () => {
        if (!this.#isCut) to.destroy();
      });
    }
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined); // cut on purpose
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
