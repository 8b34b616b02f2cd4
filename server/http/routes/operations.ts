/**
 * What operators ask: metrics, health, readiness; and the static page.
 *
 * @see SPEC 3.7, 3.3 "GET /"
 */
import { SseTableError } from '../../base/errors.ts';
import type { Exchange } from '../exchange.ts';
import { writeHead } from '../head.ts';
import { collectMetrics, type MetricsSources } from '../metrics.ts';
import { PROMETHEUS_TYPE, renderPrometheus } from '../prometheus.ts';
import { sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';
import { PUBLIC_FILES, StaticFiles } from '../static-files.ts';

const UNCACHED = { 'Cache-Control': 'no-store' } as const;

export interface OperationRoutesDeps {
  metrics: MetricsSources;
  isDraining: () => boolean;
}

export function operationRoutes(deps: OperationRoutesDeps): Route[] {
  function getMetrics(exchange: Exchange): void {
    sendSuccess(exchange, { ...collectMetrics(deps.metrics) }, UNCACHED);
  }

  function getPrometheus(exchange: Exchange): void {
    writeHead(exchange, 200, { 'Content-Type': PROMETHEUS_TYPE, ...UNCACHED });
    exchange.response.end(renderPrometheus(collectMetrics(deps.metrics)));
  }

  /** The process lives and answers. */
  function getHealth(exchange: Exchange): void {
    sendSuccess(exchange, {}, UNCACHED);
  }

  /** Clients may be sent here. */
  function getReadiness(exchange: Exchange): void {
    if (deps.isDraining()) throw new SseTableError('draining', 'the server is shutting down');
    const down = deps.metrics.sources().filter(({ down }) => down !== undefined);
    if (down.length === 0) {
      sendSuccess(exchange, {}, UNCACHED);
      return;
    }
    const message = down.map(({ name, down }) => `${name} is down: ${down}`).join('; ');
    const body = JSON.stringify({ status: 'error', code: 'source_down', message });
    writeHead(exchange, 503, {
      'Content-Type': 'application/json; charset=utf-8',
      ...UNCACHED,
    });
    exchange.response.end(body);
  }

  return [
    { method: 'GET', pattern: '/api/metrics', permission: 'sse:read', handle: getMetrics },
    { method: 'GET', pattern: '/metrics', permission: 'sse:read', handle: getPrometheus },
    { method: 'GET', pattern: '/healthz', permission: 'open', handle: getHealth },
    { method: 'GET', pattern: '/readyz', permission: 'open', handle: getReadiness },
  ];
}

/** One route for each file of the page; `/` is index.html. */
export function pageRoutes(files: StaticFiles): Route[] {
  return fileRoutes(files.names, () => files);
}

/** The component's files alone, read and compressed once somebody wants one. */
export function componentRoutes(load: () => ReadonlyMap<string, Buffer>): Route[] {
  let files: StaticFiles | undefined;
  return fileRoutes(PUBLIC_FILES, () => {
    files ??= new StaticFiles(load());
    return files;
  });
}

function fileRoutes(names: readonly string[], files: () => StaticFiles): Route[] {
  return names.map((name) => ({
    method: 'GET',
    pattern: `/${name}`,
    permission: 'open',
    handle: (exchange) => files().send(exchange, name),
  }));
}
