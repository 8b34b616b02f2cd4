/**
 * Where the last lines of a file begin, found from its end: a large log is not read to show its tail.
 *
 * @see SPEC 3.6 "the last N lines"
 */
import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 64 * 1_024;

const LF = 10;

/**
 * The offset at which the last `lines` lines of `file` begin, a last one without its LF among them.
 * Looks back at most `maxBytes`; past it, the offset after the first LF from there on.
 */
export async function offsetOfLastLines(
  file: FileHandle,
  lines: number,
  maxBytes: number,
): Promise<number> {
  const { size } = await file.stat();
  const floor = Math.max(0, size - maxBytes);
  const block = Buffer.alloc(BLOCK_BYTES);
  let left = lines;
  let earliest = floor === 0 ? 0 : size;
  for (let end = size; end > floor; ) {
    const start = Math.max(floor, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let at = block.subarray(0, bytesRead).lastIndexOf(LF); at >= 0; ) {
      // The LF that ends the file ends its last line, and begins none.
      if (start + at < size - 1) {
        if (floor > 0) earliest = start + at + 1;
        if (--left === 0) return start + at + 1;
      }
      at = at === 0 ? -1 : block.lastIndexOf(LF, at - 1);
    }
    end = start;
  }
  return earliest;
}
