/**
 * What channels count: shared by all channels of a server, so that nothing is lost when one goes.
 *
 * @see SPEC 3.7
 */

/** Numbers since the start. */
export interface Counters {
  framesEncoded: number;
  framesWritten: number;
  bytesWritten: number;
  /** Changes that left as part of a later one of the same row. */
  changesMerged: number;
  snapshotsEncoded: number;
  /** Readers of an old snapshot that were given a newer one, to bound memory. */
  snapshotsRestarted: number;
  inits: number;
  resumes: number;
  syncs: number;
  /** Times that a subscriber's cursor fell out of the ring. */
  lapped: number;
  /** Times that a ring lost frames because all rings together held too much. */
  ringsTrimmed: number;
  /** Connections destroyed because they accepted nothing for too long. */
  stalled: number;
  /** Views that made room for another one while nobody watched them. */
  viewsEvicted: number;
  /** Views that were refused because so many others were watched. */
  viewsRefused: number;
}

/** All zero. */
export function createCounters(): Counters {
  return {
    framesEncoded: 0,
    framesWritten: 0,
    bytesWritten: 0,
    changesMerged: 0,
    snapshotsEncoded: 0,
    snapshotsRestarted: 0,
    inits: 0,
    resumes: 0,
    syncs: 0,
    lapped: 0,
    ringsTrimmed: 0,
    stalled: 0,
    viewsEvicted: 0,
    viewsRefused: 0,
  };
}
