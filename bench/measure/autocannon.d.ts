/** The part of autocannon that is used; it brings no types of its own. */
declare module 'autocannon' {
  export interface Request {
    method?: string;
    path?: string;
    headers?: Readonly<Record<string, string>>;
    body?: string | Buffer;
  }

  export interface Options extends Request {
    url: string;
    connections: number;
    pipelining?: number;
    /** Seconds. */
    duration: number;
    /** Requests after which a connection is opened anew. */
    reconnectRate?: number;
    /** Sent in turn. */
    requests?: readonly Request[];
  }

  export interface Result {
    /** Seconds. */
    duration: number;
    errors: number;
    timeouts: number;
    non2xx: number;
    requests: { total: number };
    /** Milliseconds. */
    latency: { p50: number; p99: number };
  }

  export default function autocannon(options: Options): Promise<Result>;
}
