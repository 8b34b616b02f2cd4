/**
 * The documentation as pages: Markdown in, HTML with the site's look and navigation out.
 *
 * @see SPEC 8 "a strict CSP on the page": no script, no inline style
 */
import { Marked, type Tokens } from 'marked';

/** The pages in the order of the navigation, by the name of their file without `.md`. */
export const DOC_PAGES = {
  index: 'Quick start',
  recipes: 'Recipes',
  protocol: 'Protocol',
  options: 'Options',
  tools: 'Tools',
  troubleshooting: 'Troubleshooting',
} as const;

/** @returns the page's HTML. @param name of `DOC_PAGES`. */
export function renderDoc(name: string, markdown: string): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }: Tokens.Heading): string {
        const text = this.parser.parseInline(tokens);
        return `<h${depth} id="${slug(text)}">${text}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        return `<a href="${escapeHtml(addressOf(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      code({ text, lang }: Tokens.Code): string {
        const [language = ''] = (lang ?? '').split(' ');
        return `<pre tabindex="0" data-language="${escapeHtml(language)}"><code>${escapeHtml(text)}</code></pre>\n`;
      },
      // The documentation has no HTML of its own; `<name>` in an explanation is text.
      html: ({ text }: Tokens.HTML | Tokens.Tag): string => escapeHtml(text),
      table(token: Tokens.Table): string {
        // Wider than a phone: it scrolls by itself, by keyboard too.
        const row = (cells: Tokens.TableCell[], tag: string) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('\n');
        return `<div class="wide" tabindex="0"><table><thead>${row(token.header, 'th')}</thead>\n<tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const title = Object.entries(DOC_PAGES).find(([page]) => page === name)?.[1] ?? name;
  return page(title, navigation(name), String(marked.parse(markdown)));
}

function navigation(current: string): string {
  const items = Object.entries(DOC_PAGES).map(([name, title]) => {
    const mark = name === current ? ' aria-current="page"' : '';
    return `<li><a href="${addressOf(`${name}.md`)}"${mark}>${title}</a></li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

function page(title: string, links: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · sse-table</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/docs.css">
  </head>
  <body>
    <a class="skip" href="#main">Skip to the text</a>
    <header>
      <a class="brand" href="/"><img src="/favicon.svg" alt="" width="32" height="32"> sse-table</a>
      <nav aria-label="Documentation">${links}</nav>
    </header>
    <main id="main">
${body}    </main>
  </body>
</html>
`;
}

/** Links go to `x.md` in the sources, and to `/docs/x` on the site. */
function addressOf(href: string): string {
  const [, name, anchor = ''] = /^([\w-]+)\.md(#.*)?$/.exec(href) ?? [];
  if (name === undefined) return href;
  return `/docs${name === 'index' ? '' : `/${name}`}${anchor}`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/<[^>]*>|&\w+;/g, '')
    .replace(/[^\w]+/g, '-')
    .replace(/^-|-$/g, '');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
