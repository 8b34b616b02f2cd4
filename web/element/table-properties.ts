/**
 * The reactive properties of `<sse-table>` and their attributes; what each means is told where the
 * class declares it.
 *
 * @see FRONTEND 4 "Conventions"
 */
import type { PropertyDeclarations } from 'lit';

export const tableProperties: PropertyDeclarations = {
  src: { type: String },
  debounce: { type: Number },
  staleAfter: { type: Number, attribute: 'stale-after' },
  lang: { type: String },
  label: { type: String },
  theme: { type: String, reflect: true },
  credentials: { type: String },
  paused: { type: Boolean, reflect: true },
  sort: { type: String },
  search: { type: String },
  searchable: { type: Boolean },
  filterable: { type: Boolean },
  filters: { attribute: false },
  remote: { type: Boolean },
  columns: { attribute: false },
  texts: { attribute: false },
  arrangeable: { type: Boolean },
  persist: { type: String },
  editable: { type: Boolean },
  write: { attribute: false },
  debug: { type: Boolean },
};
