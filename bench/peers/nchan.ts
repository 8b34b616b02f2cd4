/**
 * Peer: nginx with nchan, a C module for pub/sub. Events are published over its HTTP interface, one
 * keep-alive connection, the next when the last has been answered.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextEvent } from '../servers/event.ts';
import type { FanOutServer } from '../servers/fan-out-server.ts';
import { killAtExit } from '../servers/kill-at-exit.ts';
import { flood, type Publisher, pace } from '../servers/publisher.ts';

/** Where Debian's package puts the module. */
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

/** What nchan writes around an event: `id: <seconds>:<number>`, `data: ` and line ends. */
const FRAMING_BYTES = 'id: 1700000000:0\ndata: \n\n'.length;

/** nginx takes a moment to listen. */
const START_LIMIT_MS = 5_000;

const POLL_MS = 20;

/** One worker: all servers are measured on one core. Messages are buffered as our ring is. */
function configOf(folder: string, port: number): string {
  return `
load_module ${MODULE};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 16384; multi_accept on; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 128M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    tcp_nodelay on;
    location = /publish { nchan_publisher; nchan_channel_id t; nchan_message_buffer_length 100; }
    location = /stream { nchan_subscriber eventsource; nchan_channel_id t; nchan_subscriber_first_message newest; }
  }
}
`;
}

/** Starts nginx in a temporary folder of its own. */
export async function startNchan(): Promise<FanOutServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-table-nchan-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configOf(folder, port));
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const letLive = killAtExit(nginx);
  await listening(port);
  const publisher = new NchanPublisher(port);
  return {
    port,
    path: '/stream',
    pids: await workersOf(nginx.pid ?? 0),
    pace: (perSecond, forMs) => pace(publisher, perSecond, forMs),
    flood: (forMs) => flood(publisher, forMs),
    collect: async () => ({}),
    async [Symbol.asyncDispose]() {
      publisher.close();
      const exited = once(nginx, 'exit');
      nginx.kill('SIGTERM');
      await exited;
      letLive();
      await rm(folder, { recursive: true });
    },
  };
}

class NchanPublisher implements Publisher {
  readonly floodBatch = 1;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #last: Promise<void> | undefined;
  #count = 0;

  constructor(port: number) {
    this.#port = port;
  }

  publish(): void {
    const body = JSON.stringify(nextEvent(this.#count++, FRAMING_BYTES));
    this.#last = new Promise((resolve, reject) => {
      const options = {
        port: this.#port,
        host: '127.0.0.1',
        path: '/publish',
        method: 'POST',
        agent: this.#agent,
        headers: { 'Content-Length': body.length },
      };
      request(options, (response) => {
        response.resume().on('end', resolve);
      })
        .on('error', reject)
        .end(body);
    });
  }

  drained(): Promise<void> | undefined {
    return this.#last;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** nginx forwards orders to its workers; the master only waits. */
async function workersOf(master: number): Promise<number[]> {
  for (;;) {
    const children = await readFile(`/proc/${master}/task/${master}/children`, 'utf8');
    const pids = children.trim().split(' ').map(Number);
    if (pids.some((pid) => pid > 0)) return pids;
    await sleep(POLL_MS);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function listening(port: number): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await sleep(POLL_MS);
    } finally {
      socket.destroy();
    }
  }
}
