/**
 * What is shown, in the page's address: the order, the search, the filters and how many rows. Who opens a
 * copied address sees the same. Which table is TableList's business.
 *
 * @see FRONTEND 5, SPEC 3.1 "Views"
 */

/** Filters of the address: `where.city==Paris`. Apart from the others, whatever a column is called. */
const FILTER_PREFIX = 'where.';

/** What of a table can be shared. */
export interface Shown {
  /** As in the element's `sort`: `score.desc,name`. */
  sort: string;
  search: string;
  filters: Readonly<Record<string, string>>;
  /** The first so many rows by `sort`; undefined: all. */
  top: number | undefined;
}

/** A table as it comes. */
export const NOTHING_SET: Shown = { sort: '', search: '', filters: {}, top: undefined };

/** What the page's address says. */
export function readAddress(href: string): Shown {
  const { searchParams } = new URL(href);
  const filters: Record<string, string> = {};
  for (const [name, value] of searchParams) {
    if (name.startsWith(FILTER_PREFIX)) filters[name.slice(FILTER_PREFIX.length)] = value;
  }
  const top = Number(searchParams.get('top'));
  return {
    sort: searchParams.get('sort') ?? '',
    search: searchParams.get('search') ?? '',
    filters,
    top: Number.isInteger(top) && top > 0 ? top : undefined,
  };
}

/** The address with another table's things forgotten and these put in. */
export function writeAddress(href: string, { sort, search, filters, top }: Shown): string {
  const url = new URL(href);
  const { searchParams } = url;
  for (const name of [...searchParams.keys()]) {
    if (name.startsWith(FILTER_PREFIX)) searchParams.delete(name);
  }
  const put = (name: string, value: string): void => {
    if (value === '') searchParams.delete(name);
    else searchParams.set(name, value);
  };
  put('sort', sort);
  put('search', search);
  put('top', top === undefined ? '' : String(top));
  for (const [column, filter] of Object.entries(filters)) put(FILTER_PREFIX + column, filter);
  return url.href;
}
