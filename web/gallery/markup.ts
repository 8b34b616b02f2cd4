/**
 * The source of an example as its reader would write it.
 *
 * @see FRONTEND 6 "live examples of each feature beside its markup"
 */

/** HTML without the indentation of the page around it, and with attributes as they were written. */
export function markupOf(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .replaceAll('=""', '')
    .replaceAll('&amp;', '&');
}
