/**
 * A leader's rows for one newcomer, part by part, each when it is asked for: neither tab ever holds
 * more than a part of them as text.
 *
 * Rows are read when their part is sent, so they may be newer than the snapshot's place. That does no
 * harm: the events after the place set the same values once more.
 *
 * @see SPEC 3.2 "Snapshots"
 */
import type { StreamEvent } from '../../server/wire/event.ts';
import type { Feed } from '../feed/feed.ts';
import type { SnapshotMessage } from './tab-message.ts';

/** Some 100 KB of text. */
const PART_ROWS = 1_000;

/**
 * Sends what `feed` holds now, on the newcomer's channel.
 * @param id the event that the rows are as of.
 * @returns its end, whether it is complete or not.
 */
export function sendSnapshot(
  feed: Feed,
  id: string | undefined,
  channel: BroadcastChannel,
): () => void {
  const order = feed.rows.order();
  const { columns } = feed.rows;
  let sent = 0;
  channel.onmessage = ({ data }: MessageEvent<SnapshotMessage>) => {
    if (data.type === 'next') sendPart();
  };

  function sendPart(): void {
    const { init } = feed;
    if (init === undefined) return;
    const isFirst = sent === 0;
    const total = order.length;
    const part = order.slice(sent, sent + PART_ROWS);
    sent += Math.max(part.length, 1);
    const data = part.filter(({ index }) => index !== -1).map(({ row }) => row);
    const more = total > PART_ROWS;
    if (isFirst) post({ ...init, columns, data, total, more }, !more);
    else if (part.length > 0)
      post({ type: 'rows', data, loaded: Math.min(sent, total), total }, false);
    else post({ type: 'ready', total }, true);
  }

  function post(event: StreamEvent, isLast: boolean): void {
    const message: SnapshotMessage = {
      type: 'part',
      text: JSON.stringify(event),
      id: isLast ? id : undefined,
      isLast,
    };
    channel.postMessage(message);
    if (isLast) channel.close();
  }

  return () => channel.close();
}
