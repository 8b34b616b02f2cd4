/**
 * A client's name for a file, as far as it is fit to be shown and saved.
 *
 * @see SPEC 3.5 "safe filename"
 */

/** Of the longest name that file systems take; with four bytes a character it fits. */
const MAX_LENGTH = 60;

/** Control characters, half characters, and those that turn the direction of the text: `txt.exe` for `exe.txt`. */
const UNFIT = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What Windows has in no name. */
const FORBIDDEN = /[<>:"|?*]/g;

/** The last step of a path, without what no name holds; `file` where nothing is left. Its extension stays. */
export function safeFilename(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  const fit = base
    .replace(UNFIT, '')
    .replace(FORBIDDEN, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  if (fit === '') return 'file';
  const characters = [...fit];
  if (characters.length <= MAX_LENGTH) return fit;
  const [extension = ''] = /\.[\p{L}\p{N}]{1,10}$/u.exec(fit) ?? [];
  return characters.slice(0, MAX_LENGTH - extension.length).join('') + extension;
}
