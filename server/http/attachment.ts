/**
 * `Content-Disposition` of a download: its name is safe in a header, whatever it is.
 *
 * @see RFC 6266, RFC 8187
 */

/** For every client a plain form, and for those that read it the name itself. */
export function attachment(fileName: string): string {
  const plain = fileName.replace(/[^A-Za-z0-9._-]/g, '_');
  const encoded = encodeURIComponent(fileName.toWellFormed()).replace(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
