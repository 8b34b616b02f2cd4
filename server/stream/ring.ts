/**
 * The Ring: the bounded queue of recent frames, by count and by bytes. Readers own only an index.
 *
 * Indexes count frames ever pushed: `tail <= index <= head`, and `head` is the next one to come.
 *
 * @see SPEC 1, 7; DESIGN 1
 */
import type { Frame } from './frame.ts';
import type { SharedPacked } from './pack.ts';

interface Slot {
  frame: Frame;
  /** Deflated for all who want gzip, if anyone did. */
  packed: SharedPacked | undefined;
  /** Bytes and changes pushed before this frame, ever: a difference of two is a price. */
  bytesBefore: number;
  changesBefore: number;
}

/** The forms in which a run of frames can be had. */
export type Form = 'chunk' | 'payload' | 'packedChunk' | 'packedPayload';

export interface RingOptions {
  maxFrames: number;
  maxBytes: number;
  /** seq before the first frame. */
  seq: number;
}

const NOTHING = Buffer.alloc(0);

/** A bounded queue of frames. */
export class Ring {
  readonly #maxFrames: number;
  readonly #maxBytes: number;
  readonly #slots: (Slot | undefined)[] = [];
  #tail = 0;
  #head = 0;
  #floorSeq: number;
  #headSeq: number;
  #bytesPushed = 0;
  #changesPushed = 0;
  #bytes = 0;
  #joined: Buffer = Buffer.alloc(0);
  #joinedFrom = -1;
  #joinedTo = -1;
  #joinedForm: Form = 'chunk';

  constructor(options: RingOptions) {
    this.#maxFrames = options.maxFrames;
    this.#maxBytes = options.maxBytes;
    this.#floorSeq = options.seq;
    this.#headSeq = options.seq;
  }

  /** Index of the oldest frame held. */
  get tail(): number {
    return this.#tail;
  }

  /** Index of the next frame. */
  get head(): number {
    return this.#head;
  }

  /** seq that a client has reached once it has the newest frame. */
  get headSeq(): number {
    return this.#headSeq;
  }

  /** Bytes held, chunk framing included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a frame; the oldest leave until count and bytes fit. */
  push(frame: Frame, packed?: SharedPacked): void {
    const size = frame.chunk.length + (packed?.chunk.length ?? 0);
    if (this.#head - this.#tail === this.#maxFrames) this.#dropOldest();
    this.#slots[this.#head % this.#maxFrames] = {
      frame,
      packed,
      bytesBefore: this.#bytesPushed,
      changesBefore: this.#changesPushed,
    };
    this.#head++;
    this.#headSeq = frame.seq;
    this.#bytes += size;
    this.#bytesPushed += size;
    this.#changesPushed += frame.changes;
    this.trim(this.#maxBytes);
  }

  /** The oldest frames leave until the others have at most `maxBytes`. */
  trim(maxBytes: number): void {
    while (this.#bytes > maxBytes && this.#tail < this.#head) this.#dropOldest();
  }

  /** The frame at `index`, undefined outside `tail..head-1`. */
  at(index: number): Frame | undefined {
    return this.#slotAt(index)?.frame;
  }

  /**
   * Where a client that has everything up to `seq` goes on.
   * @returns undefined when `seq` is not exactly the end of a frame still known.
   */
  indexAfter(seq: number): number | undefined {
    if (seq === this.#headSeq) return this.#head;
    if (seq === this.#floorSeq) return this.#tail;
    let low = this.#tail;
    let high = this.#head;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle)?.seq ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1;
      else high = middle;
    }
    return this.at(low)?.seq === seq ? low + 1 : undefined;
  }

  /** Bytes of the frames from `index` on. */
  bytesFrom(index: number): number {
    return this.#bytesPushed - (this.#slotAt(index)?.bytesBefore ?? this.#bytesPushed);
  }

  /** Changes in the frames from `index` on. */
  changesFrom(index: number): number {
    return this.#changesPushed - (this.#slotAt(index)?.changesBefore ?? this.#changesPushed);
  }

  /** How far a single write from `index` goes: at least one frame, at most `maxBytes` otherwise. */
  spanEnd(index: number, maxBytes: number): number {
    const first = this.#slotAt(index);
    if (first === undefined) return index;
    let end = index + 1;
    while (end < this.#head && this.#endOf(end) - first.bytesBefore <= maxBytes) end++;
    return end;
  }

  /** The frame at `index` as deflated for all, if it was. */
  packedAt(index: number): SharedPacked | undefined {
    return this.#slotAt(index)?.packed;
  }

  /** How far a single write of packed frames from `index` goes. */
  packedEnd(index: number, maxBytes: number): number {
    let bytes = this.packedAt(index)?.chunk.length ?? 0;
    let end = index + 1;
    for (let next = this.packedAt(end); next !== undefined; next = this.packedAt(end)) {
      bytes += next.chunk.length;
      if (bytes > maxBytes) break;
      end++;
    }
    return end;
  }

  /**
   * The bytes of frames `from..to-1` for one write. Subscribers at the same cursor ask for the same
   * span in a row, so the last one joined is kept: the copy is made once for all of them.
   */
  span(from: number, to: number, form: Form): Buffer {
    if (to - from === 1) return this.#bytesAt(from, form);
    if (from !== this.#joinedFrom || to !== this.#joinedTo || form !== this.#joinedForm) {
      const parts: Buffer[] = [];
      for (let index = from; index < to; index++) parts.push(this.#bytesAt(index, form));
      this.#joined = Buffer.concat(parts);
      this.#joinedFrom = from;
      this.#joinedTo = to;
      this.#joinedForm = form;
    }
    return this.#joined;
  }

  #bytesAt(index: number, form: Form): Buffer {
    const slot = this.#slotAt(index);
    switch (form) {
      case 'chunk':
        return slot?.frame.chunk ?? NOTHING;
      case 'payload':
        return slot?.frame.payload ?? NOTHING;
      case 'packedChunk':
        return slot?.packed?.chunk ?? NOTHING;
      case 'packedPayload':
        return slot?.packed?.payload ?? NOTHING;
    }
  }

  #endOf(index: number): number {
    const slot = this.#slotAt(index);
    return slot === undefined ? this.#bytesPushed : slot.bytesBefore + sizeOf(slot);
  }

  #slotAt(index: number): Slot | undefined {
    if (index < this.#tail || index >= this.#head) return undefined;
    return this.#slots[index % this.#maxFrames];
  }

  #dropOldest(): void {
    const slot = this.#slotAt(this.#tail);
    if (slot !== undefined) {
      this.#floorSeq = slot.frame.seq;
      this.#bytes -= sizeOf(slot);
      this.#slots[this.#tail % this.#maxFrames] = undefined;
    }
    this.#tail++;
  }
}

function sizeOf({ frame, packed }: Slot): number {
  return frame.chunk.length + (packed?.chunk.length ?? 0);
}
