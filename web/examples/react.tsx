/** A React component with `useSSE`. @see SPEC 5 */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useSSE } from 'sse-table/react';
import { addUser, BEST_USERS, byScore } from './users.ts';

function BestUsers() {
  const { connected, rows } = useSSE(BEST_USERS);
  const users = byScore(rows);
  return (
    <>
      <p>{connected ? 'Live' : 'Not connected'}</p>
      <ol>
        {users.map(({ name, score }) => (
          <li key={`${name} ${score}`}>
            {name} <span>{score}</span>
          </li>
        ))}
      </ol>
      <button type="button" onClick={() => addUser(users[0]?.score ?? 0)}>
        Add a user
      </button>
    </>
  );
}

const app = document.querySelector('#app');
if (app !== null) {
  createRoot(app).render(
    <StrictMode>
      <BestUsers />
    </StrictMode>,
  );
}
