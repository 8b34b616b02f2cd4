/**
 * What the examples are about: the demo's users, the best of them, and one more.
 *
 * @see SPEC 3.1
 */

/** A live top five, kept by the server. */
export const BEST_USERS = '/api/tables/users/stream?order=score.desc&limit=5';

/** Rows by score; the stream says what is among the best, its order is the page's business. */
export function byScore(
  rows: Iterable<Record<string, unknown>>,
): { name: string; score: number }[] {
  return Array.from(rows, ({ name, score }) => ({ name: String(name), score: Number(score) })).sort(
    (a, b) => b.score - a.score,
  );
}

/** Adds a user who is better than all. The page shows it when the stream says so. */
export async function addUser(best: number): Promise<void> {
  const user = { id: Date.now(), name: 'Ada Lovelace', age: 36, city: 'London', score: best + 1 };
  await fetch('/api/tables/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
}
