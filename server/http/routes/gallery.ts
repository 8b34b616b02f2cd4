/**
 * `POST /api/gallery`: somebody looks at the gallery.
 *
 * @see FRONTEND 6
 */
import type { Exchange } from '../exchange.ts';
import { sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';

/** The gallery, whoever keeps it. */
export interface GalleryPort {
  /** Keeps its tables changing for `visitMs`. @throws {SseTableError} */
  visit(): { tables: string[]; visitMs: number };
}

export function galleryRoutes(gallery: GalleryPort): Route[] {
  function visit(exchange: Exchange): void {
    const { tables, visitMs } = gallery.visit();
    sendSuccess(exchange, { data: tables, visit_ms: visitMs });
  }
  return [{ method: 'POST', pattern: '/api/gallery', permission: 'sse:write', handle: visit }];
}
