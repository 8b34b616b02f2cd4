/** A page without a framework: `connect()` and the DOM. @see SPEC 5 */
import { connect } from 'sse-table/client';
import { addUser, BEST_USERS, byScore } from './users.ts';

const status = document.createElement('p');
const list = document.createElement('ol');
const button = document.createElement('button');
button.textContent = 'Add a user';
button.addEventListener('click', () => addUser(byScore(users.rows)[0]?.score ?? 0));
document.querySelector('#app')?.append(status, list, button);

const users = connect(BEST_USERS, { onError: ({ message }) => console.warn(message) });
users.subscribe(() => {
  const { connected, rows } = users.snapshot;
  status.textContent = connected ? 'Live' : 'Not connected';
  list.replaceChildren(
    ...byScore(rows).map(({ name, score }) => {
      const item = document.createElement('li');
      item.append(name, ' ', String(score));
      return item;
    }),
  );
});
