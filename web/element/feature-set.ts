/**
 * The features of one table that are fetched when they are first wanted. Bundlers get them in the one
 * file, or split them off as they see fit.
 *
 * @see FRONTEND 1, 4
 */
import type { FeatureHost, FeatureModule, TableFeature } from '../feature/table-feature.ts';
import type { ViewColumn } from '../grid/columns.ts';

/** Which features a table wants. */
export interface FeatureWishes {
  columns: boolean;
  debug: boolean;
  editing: boolean;
  find: boolean;
  formats: boolean;
  print: boolean;
}

const FILES: readonly [name: keyof FeatureWishes, load: () => Promise<FeatureModule>][] = [
  ['columns', () => import('../feature/columns.ts')],
  ['debug', () => import('../feature/debug.ts')],
  ['editing', () => import('../feature/editing.ts')],
  ['find', () => import('../feature/find.ts')],
  ['formats', () => import('../feature/formats.ts')],
  ['print', () => import('../feature/print.ts')],
];

/** A feature that is wanted; it is at work once its file has come. */
interface Wanted {
  feature?: TableFeature;
}

/** Those of one table. */
export class FeatureSet {
  readonly #host: FeatureHost;
  readonly #wanted = new Map<string, Wanted>();

  constructor(host: FeatureHost) {
    this.#host = host;
  }

  /** Starts features and ends others; nothing where that is done. */
  want(wishes: Partial<FeatureWishes>): void {
    for (const [name, load] of FILES) {
      const known = this.#wanted.get(name);
      if (wishes[name] && known === undefined) this.#start(name, load);
      else if (!wishes[name] && known !== undefined) {
        this.#wanted.delete(name);
        known.feature?.close();
        this.#host.element.requestUpdate();
      }
    }
  }

  #start(name: string, load: () => Promise<FeatureModule>): void {
    const wanted: Wanted = {};
    this.#wanted.set(name, wanted);
    load().then(({ start }) => {
      if (this.#wanted.get(name) !== wanted) return;
      wanted.feature = start(this.#host);
      this.#host.element.requestUpdate();
    }, console.error);
  }

  /** The templates that features add to a place of the shell. */
  templates(place: 'tools' | 'panel'): unknown[] {
    return this.#running.map((feature) => feature[place]?.());
  }

  arrange(columns: readonly ViewColumn[]): readonly ViewColumn[] {
    return this.#running.reduce((some, feature) => feature.arrange?.(some) ?? some, columns);
  }

  drawn(drawMs: number): void {
    for (const feature of this.#running) feature.drawn?.(drawMs);
  }

  close(): void {
    this.want({});
  }

  get #running(): TableFeature[] {
    return [...this.#wanted.values()].flatMap(({ feature }) => feature ?? []);
  }
}
