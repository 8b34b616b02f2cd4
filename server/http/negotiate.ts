/**
 * Content negotiation: which of the offered types a client prefers.
 *
 * @see RFC 9110, 12.5.1; SPEC 3.1 "Accept: text/csv or application/x-ndjson exports"
 */

/** Entries of an Accept header that are looked at: more is no browser. */
const MAX_ENTRIES = 32;

/**
 * The offer that `accept` likes best; among equals the first offered.
 * @returns undefined when it accepts none. Without a header, or an empty one, all are fine.
 */
export function prefer<Offer extends string>(
  accept: string | undefined,
  offers: readonly Offer[],
): Offer | undefined {
  if (accept === undefined || accept.trim() === '') return offers[0];
  const entries = accept.split(',').slice(0, MAX_ENTRIES).map(parseEntry);
  let best: Offer | undefined;
  let bestQuality = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer, entries);
    if (quality > bestQuality) {
      best = offer;
      bestQuality = quality;
    }
  }
  return best;
}

interface Entry {
  range: string;
  quality: number;
}

function parseEntry(text: string): Entry {
  const [range = '', ...parameters] = text.split(';');
  let quality = 1;
  for (const parameter of parameters) {
    const match = /^\s*q\s*=\s*(\d(?:\.\d*)?)\s*$/i.exec(parameter);
    if (match?.[1] !== undefined) quality = Math.min(1, Number(match[1]));
  }
  return { range: range.trim().toLowerCase(), quality };
}

/** The most exact range decides, whatever its place: `text/csv;q=0` beside a wildcard excludes CSV. */
function qualityOf(offer: string, entries: readonly Entry[]): number {
  const wide = offer.includes('/') ? '*/*' : '*';
  for (const range of [offer, `${offer.slice(0, offer.indexOf('/'))}/*`, wide]) {
    const entry = entries.find((candidate) => candidate.range === range);
    if (entry !== undefined) return entry.quality;
  }
  return 0;
}
