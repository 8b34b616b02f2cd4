/**
 * Accepts connections for all workers and hands them out in turn.
 *
 * node:cluster would do so too, but forgets a connection that is on its way to a worker when that one
 * dies, and its client waits for ever; and the port is free while no worker lives. Here connections
 * wait for the next worker, and what is on its way to a dead one is closed.
 *
 * @see SPEC 9 "--workers N"
 */
import { createServer, type Server, type Socket } from 'node:net';

/** Connections that wait for a worker; more are closed. */
const MAX_WAITING = 1_000;

/** Takes connections over. */
export interface Receiver {
  /** Hands a connection to another process. It stays open here until that one has it. */
  hand(socket: Socket, id: number): void;
}

export class Acceptor {
  readonly #server: Server;
  /** Who takes connections, the next one first, and what is on its way to each. */
  readonly #receivers = new Map<Receiver, Map<number, Socket>>();
  readonly #waiting = new Set<Socket>();
  #ids = 0;

  constructor() {
    // Not a byte is read here: the worker gets them all.
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      this.#hand(socket);
    });
  }

  /** Listens; resolves with the port. Rejects with the system's own error. */
  listen(port: number, host: string): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host }, () => {
        server.off('error', reject);
        const address = server.address();
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new TypeError('the server does not listen on a port'));
      });
    });
  }

  /** Gives connections to `receiver` too. */
  add(receiver: Receiver): void {
    this.#receivers.set(receiver, new Map());
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) this.#hand(socket);
  }

  /** `receiver` has the connection, so that this process need not. */
  taken(receiver: Receiver, id: number): void {
    const onTheirWay = this.#receivers.get(receiver);
    onTheirWay?.get(id)?.destroy();
    onTheirWay?.delete(id);
  }

  /** Gives `receiver` no more, and closes what it has not got. */
  remove(receiver: Receiver): void {
    const onTheirWay = this.#receivers.get(receiver);
    this.#receivers.delete(receiver);
    for (const socket of onTheirWay?.values() ?? []) socket.destroy();
  }

  /** Accepts no more, and closes what waits. */
  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  #hand(socket: Socket): void {
    const [next] = this.#receivers;
    if (next === undefined) {
      this.#wait(socket);
      return;
    }
    const [receiver, onTheirWay] = next;
    // To the end of the line.
    this.#receivers.delete(receiver);
    this.#receivers.set(receiver, onTheirWay);
    const id = ++this.#ids;
    onTheirWay.set(id, socket);
    receiver.hand(socket, id);
  }

  #wait(socket: Socket): void {
    if (this.#waiting.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
  }
}
