/**
 * Whether a client that was away gets what it missed: reconnects as one, and compares.
 *
 * @see SPEC 3.2 "Resume"
 */
import { error, type Finding, note, ok, warning } from './finding.ts';
import type { Observation, SeenEvent } from './observation.ts';

/** No server has given out such an id. */
export const UNKNOWN_ID = 'sse-table-check.0';

/** `data` bears all there is, so nothing is lost: sse-table's own events of that kind. */
const WHOLE = /^\{"type":"(init|sync)"/;

/** Events that bear an id, as those that were missed must. */
type Numbered = SeenEvent & { id: string };

/** The place to go on from: in the middle of what was seen, so that there is something to compare. */
export function placeToResume(seen: Observation): { id: string; missed: Numbered[] } | undefined {
  const numbered = seen.events.filter((event): event is Numbered => Boolean(event.id));
  const middle = Math.floor((numbered.length - 1) / 2);
  const at = numbered[middle];
  return at === undefined ? undefined : { id: at.id, missed: numbered.slice(middle + 1) };
}

/** All that was missed has come again, or what replaces it. */
export function hasResumed(again: Observation, missed: readonly Numbered[]): boolean {
  const last = missed.at(-1);
  if (last === undefined) return again.reads.length > 0;
  return again.events.some(({ id, data }) => id === last.id || WHOLE.test(data));
}

export function resumeFinding(
  again: Observation,
  { id, missed }: { id: string; missed: readonly Numbered[] },
): Finding {
  const fix = 'on Last-Event-ID send what came after that event, or the whole state';
  if (!again.isStream) {
    const what = again.head?.status ?? again.failure?.message ?? 'no answer';
    return error('resume', `with Last-Event-ID: ${id} the answer is ${what}`, fix);
  }
  if (again.events.some(({ data }) => WHOLE.test(data))) {
    return note('resume', `after ${id} comes the whole state`, 'fine, if that is cheap');
  }
  if (missed.length === 0) {
    const evidence = 'Last-Event-ID is accepted; no events came to compare';
    return note('resume', evidence, 'check while events are sent');
  }
  const byId = new Map(again.events.map((event) => [event.id, event]));
  if (byId.has(id)) {
    const evidence = `the event ${id}, which the client has, came again`;
    return warning('resume', evidence, 'send only what came after the event that is named');
  }
  const lost = missed.filter((event) => !byId.has(event.id));
  if (lost.length > 0) {
    const evidence = `${lost.length} of ${missed.length} events after ${id} did not come again`;
    return error('resume', `${evidence}, ${lost[0]?.id} for one: a gap that nobody notices`, fix);
  }
  const changed = missed.find((event) => byId.get(event.id)?.data !== event.data);
  if (changed !== undefined) {
    const evidence = `the event ${changed.id} was another one the second time`;
    return error('resume', evidence, 'never use an id twice');
  }
  const order = again.events.map((event) => event.id);
  const places = missed.map((event) => order.indexOf(event.id));
  if (places.some((place, index) => place < (places[index - 1] ?? -1))) {
    return error('resume', 'what was missed came in another order', 'replay in order');
  }
  return ok('resume', `all ${missed.length} events after ${id} came again, in order`);
}

export function unknownIdFinding(seen: Observation): Finding {
  if (seen.isStream) return ok('unknown-id', 'an unknown Last-Event-ID is answered with a stream');
  const what = seen.head?.status ?? seen.failure?.message ?? 'no answer';
  const evidence = `with an unknown Last-Event-ID the answer is ${what}: the client is lost for ever`;
  return error('unknown-id', evidence, 'answer with a stream that starts with the whole state');
}
