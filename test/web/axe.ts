/**
 * What axe-core has to say against a page.
 *
 * @see FRONTEND 6 "axe-core without violations"
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** Run in the page by the test's own channel, which its policy does not concern. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each violation as `rule: its first element`. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await Reflect.get(window, 'axe').run(document, {
      resultTypes: ['violations'],
    });
    return violations.map(
      ({ id, nodes }: { id: string; nodes: { target: unknown; failureSummary: string }[] }) =>
        `${id} (${nodes.length}): ${JSON.stringify(nodes[0]?.target)} ${nodes[0]?.failureSummary}`,
    );
  });
}
