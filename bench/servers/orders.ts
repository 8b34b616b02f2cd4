/**
 * Rows to publish over HTTP: orders, as a shop would send them.
 */

const ITEMS = ['tea', 'cup', 'pot', 'tray', 'spoon'];

/** Order number `index` of `keys` distinct ones, as JSON of some 90 bytes. */
export function orderJson(index: number, keys: number): string {
  return JSON.stringify({
    id: index % keys,
    item: ITEMS[index % ITEMS.length],
    count: index % 97,
    price: (index % 1_999) / 100,
    status: index % 3 === 0 ? 'paid' : 'open',
    note: `order ${index}`,
  });
}
