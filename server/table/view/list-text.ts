/**
 * Lists in a query parameter: items between commas, in double quotes where an item has a comma, a
 * quote or a dot of its own.
 *
 * @see SPEC 3.1 "status=in.(a,b)", "select=id,name,score", "order=score.desc"
 */
import { SseTableError } from '../../base/errors.ts';

/** One item: `"a,b".desc` has the text `a,b` and the rest `.desc`. */
export interface ListItem {
  text: string;
  /** What follows the closing quote. */
  rest: string;
  quoted: boolean;
}

/**
 * The items of `list`; an empty list has none. Inside quotes `\"` is a quote and `\\` a backslash.
 * @param what names the parameter in the error.
 * @throws {SseTableError} `bad_request`: a quote that is not closed.
 */
export function splitList(list: string, what: string): ListItem[] {
  const items: ListItem[] = [];
  if (list === '') return items;
  let at = 0;
  while (true) {
    const quoted = list[at] === '"';
    let text = '';
    if (quoted) {
      at++;
      while (list[at] !== '"') {
        if (list[at] === '\\') at++;
        const character = list[at++];
        if (character === undefined) {
          throw new SseTableError('bad_request', `${what} has a quote that is not closed`);
        }
        text += character;
      }
      at++;
    }
    const comma = list.indexOf(',', at);
    const rest = list.slice(at, comma === -1 ? undefined : comma);
    items.push(quoted ? { text, rest, quoted } : { text: rest, rest: '', quoted });
    if (comma === -1) return items;
    at = comma + 1;
  }
}

/**
 * The items of a list in which nothing may follow a closing quote.
 * @throws {SseTableError} `bad_request`.
 */
export function splitTexts(list: string, what: string): string[] {
  return splitList(list, what).map(({ text, rest }) => {
    if (rest === '') return text;
    throw new SseTableError(
      'bad_request',
      `${what} has ${JSON.stringify(rest.slice(0, 100))} after a closing quote; put a comma there`,
    );
  });
}
