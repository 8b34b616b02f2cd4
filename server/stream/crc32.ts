/**
 * CRC-32 of data that is known only in parts: what gzip's trailer needs when the parts were
 * compressed once for everyone and each client got its own selection of them.
 *
 * A CRC is linear, so crc(A then B) = shift(crc(A), length of B) xor crc(B), where `shift` multiplies
 * by x^(8·length) modulo the CRC's polynomial.
 *
 * @see RFC 1952, 8
 */

/** The polynomial of gzip, bits reversed. */
const POLYNOMIAL = 0xedb88320;

/** x^0, bits reversed: the highest bit is the lowest power. */
const ONE = 0x80000000;

/** x^8: one byte of zeros. */
const BYTE_OF_ZEROS = 0x00800000;

/** CRC of A followed by `length` zero bytes, without the initial and final complement: crc(A)·x^(8·length). */
export function shiftCrc(crc: number, length: number): number {
  let factor = ONE;
  let power = BYTE_OF_ZEROS;
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) factor = multiply(factor, power);
    power = multiply(power, power);
  }
  return multiply(factor, crc);
}

/** CRC-32 of A followed by B. */
export function joinCrc(crcA: number, crcB: number, lengthB: number): number {
  return (shiftCrc(crcA, lengthB) ^ crcB) >>> 0;
}

/** CRC-32 of B, of A followed by B and of A being known. */
export function restCrc(crcA: number, crcAB: number, lengthB: number): number {
  return (shiftCrc(crcA, lengthB) ^ crcAB) >>> 0;
}

/** Product of two polynomials modulo the CRC's. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product >>> 0;
}
