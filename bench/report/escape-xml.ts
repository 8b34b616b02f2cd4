/**
 * Text within XML.
 */

/** `text` with everything that XML would take for markup as character references. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
