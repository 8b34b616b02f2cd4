/**
 * How far a tab has got in a stream: the id it would resume from.
 *
 * @see SPEC 3.2 "Resume"
 */
import type { StreamEvent } from '../../server/wire/event.ts';

/** A place in a stream. */
export class Place {
  /** Undefined: nowhere; only a snapshot helps. */
  id: string | undefined;

  constructor(id: string | undefined) {
    this.id = id;
  }

  /** Goes past an event. A chunked snapshot begins without an id: cut off, it must not be resumed. */
  pass(event: StreamEvent, id: string | undefined): void {
    this.id = event.type === 'init' ? id : (id ?? this.id);
  }
}
