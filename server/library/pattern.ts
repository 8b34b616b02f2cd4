/**
 * Path patterns: literal segments and `:parameters`, whose names become types.
 *
 * @see SPEC 4 "path parameters, typed"
 */

/** A path, of which each segment is literal or a `:parameter`. */
export type Pattern = `/${string}`;

/** The parameters of a pattern: those of `/rooms/:room/users/:user` are `{ room: string; user: string }`. */
export type PathParams<Path extends string> = { readonly [Name in NamesIn<Path>]: string };

type NamesIn<Path extends string> = string extends Path
  ? string
  : Path extends `${infer First}/${infer Rest}`
    ? NamesIn<First> | NamesIn<Rest>
    : Path extends `:${infer Name}`
      ? Name
      : never;

const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/** What a URL's path never has unescaped, and what other routers mean as wildcards. */
const UNFIT = /[?#*(){}\s]/;

/** @throws {TypeError} naming what is wrong with `pattern`. */
export function checkPattern(pattern: string): void {
  const shown = JSON.stringify(pattern);
  if (!pattern.startsWith('/')) throw new TypeError(`the path ${shown} must begin with a slash`);
  const names = new Set<string>();
  for (const part of pattern.slice(1).split('/')) {
    if (UNFIT.test(part)) {
      throw new TypeError(
        `the path ${shown} holds ${JSON.stringify(part)}; each segment is literal or a :parameter`,
      );
    }
    if (!part.startsWith(':')) continue;
    if (!PARAMETER.test(part)) {
      throw new TypeError(`the path ${shown} has the parameter "${part}"; name it like :room_id`);
    }
    if (names.has(part)) throw new TypeError(`the path ${shown} has the parameter "${part}" twice`);
    names.add(part);
  }
}
