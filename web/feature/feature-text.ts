/**
 * The words of features: each brings its own in both languages, since it comes on demand itself.
 *
 * @see FRONTEND 4 "Theming"
 */
import { isChinese } from '../wording/language.ts';
import type { Wording } from '../wording/wording.ts';

/** By name: English, Chinese. */
export type FeatureTexts = Readonly<Record<string, readonly [english: string, chinese: string]>>;

/** The words of a feature in the language of a table; the page's own `texts` are over them. */
export function featureTexts<Names extends FeatureTexts>(
  texts: Names,
  { locale, overrides }: Wording,
): { [Name in keyof Names]: string } {
  const at = isChinese(locale) ? 1 : 0;
  const entries = Object.entries(texts).map(([name, versions]) => [
    name,
    overrides[name] ?? versions[at],
  ]);
  const made: { [Name in keyof Names]: string } = Object.fromEntries(entries);
  return made;
}
