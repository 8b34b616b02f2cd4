/**
 * How honest the table has to be about its rows: whether they are old, and what to tell the reader.
 * A blip of half a second is nobody's business; three seconds are.
 *
 * @see FRONTEND 3, 4 "Honest freshness"
 */
import type { Feed, FeedState } from '../feed/feed.ts';
import { fill, type Texts } from '../wording/text.ts';
import type { Wording } from '../wording/wording.ts';

/** A connection lost for less than this is not spoken of. */
const PATIENCE_MS = 3_000;

export interface Freshness {
  /** The rows may be out of date: they are dimmed. */
  isOld: boolean;
  /** What the banner says; undefined: no banner. */
  notice: string | undefined;
  /** The notice is of something that waiting does not mend. */
  isFailure: boolean;
  /** "Retry now" makes sense. */
  canRetry: boolean;
}

/** Nothing to tell. */
export const FRESH: Freshness = {
  isOld: false,
  notice: undefined,
  isFailure: false,
  canRetry: false,
};

/**
 * @param troubleSince when `feed.state` left `live` or `connecting` began, in ms since the epoch.
 */
export function freshnessOf(
  feed: Feed,
  troubleSince: number,
  now: number,
  wording: Wording,
): Freshness {
  const { texts } = wording;
  const { state, problem, end, lastEventAt } = feed;
  const at = { time: lastEventAt === 0 ? '' : wording.time(lastEventAt) };
  if (state === 'live') {
    return problem === undefined ? FRESH : failure(problem.message, false);
  }
  if (state === 'ended') {
    if (problem !== undefined) return failure(problem.message, true);
    const notice = end?.message || texts.endedHint;
    return { isOld: end?.reason === 'unauthorized', notice, isFailure: false, canRetry: true };
  }
  if (state === 'stale') {
    return { ...FRESH, isOld: true, notice: fill(texts.staleHint, at) };
  }
  if (now - troubleSince < PATIENCE_MS) return FRESH;
  const isRefusal = problem !== undefined && problem.code !== 'unreachable';
  const notice = isRefusal ? problem.message : lostNotice(state, lastEventAt, texts);
  return { isOld: true, notice: fill(notice, at), isFailure: false, canRetry: true };
}

function failure(notice: string, canRetry: boolean): Freshness {
  return { isOld: canRetry, notice, isFailure: true, canRetry };
}

function lostNotice(state: FeedState, lastEventAt: number, texts: Texts): string {
  if (lastEventAt === 0) return texts.unreachable;
  return state === 'offline' ? texts.offlineHint : texts.lost;
}
