/** A Lit element with the stream's controller. @see SPEC 5 */
import { html, LitElement } from 'lit';
import { SseController } from 'sse-table/lit';
import { addUser, BEST_USERS, byScore } from './users.ts';

class BestUsers extends LitElement {
  readonly #users = new SseController(this, BEST_USERS);

  /** In the page's own tree, for its style sheet. */
  override createRenderRoot() {
    return this;
  }

  override render() {
    const { connected = false, rows = [] } = this.#users.value ?? {};
    const users = byScore(rows);
    return html`
      <p>${connected ? 'Live' : 'Not connected'}</p>
      <ol>${users.map(({ name, score }) => html`<li>${name} <span>${score}</span></li>`)}</ol>
      <button @click=${() => addUser(users[0]?.score ?? 0)}>Add a user</button>
    `;
  }
}

customElements.define('best-users', BestUsers);
document.querySelector('#app')?.append(document.createElement('best-users'));
