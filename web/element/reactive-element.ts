/**
 * What the elements here use of Lit's ReactiveElement and LitElement. The standalone file is built with
 * this in the place of `lit`, for 1.2 KB less: no decorators, converters or defaults, no asynchronous
 * directives, and of the options of a property only `type` (Boolean, Number, String), `attribute` and
 * `reflect`. Bundlers get Lit's own.
 *
 * @see FRONTEND 1; https://lit.dev/docs/api/ReactiveElement/
 */
import { html, nothing, render } from 'lit/html.js';
import { adoptStyles, css } from './css-tag.ts';

interface Declaration {
  type?: unknown;
  attribute?: string | boolean;
  reflect?: boolean;
}

/** As Lit's ReactiveController. */
interface Controller {
  hostConnected?(): void;
  hostDisconnected?(): void;
  hostUpdate?(): void;
}

type Changed = ReadonlyMap<string, unknown>;
type Styles = Parameters<typeof adoptStyles>[1];

/** Its properties follow its attributes; it is drawn after they change. */
export class ReactiveElement extends HTMLElement {
  static properties: Readonly<Record<string, Declaration>> = {};
  static styles: Styles | Styles[number] = [];
  renderRoot: HTMLElement | ShadowRoot | undefined;
  hasUpdated = false;
  updateComplete: Promise<void> = Promise.resolve();
  readonly #values = new Map<string, unknown>();
  readonly #controllers: Controller[] = [];
  #changed = new Map<string, unknown>();
  #isPending = false;
  #isReflecting = false;

  /** The platform asks once, when the element is defined: the time to make the accessors. */
  static get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: the class that is defined, not this one
    const { properties, prototype } = this;
    const names = Object.keys(properties);
    for (const name of names) {
      Object.defineProperty(prototype, name, {
        configurable: true,
        get(this: ReactiveElement) {
          return this.#values.get(name);
        },
        set(this: ReactiveElement, value: unknown) {
          const old = this.#values.get(name);
          if (Object.is(value, old)) return;
          this.#values.set(name, value);
          if (!this.#changed.has(name)) this.#changed.set(name, old);
          this.requestUpdate();
        },
      });
    }
    return names.flatMap((name) => attributeOf(name, properties) ?? []);
  }

  constructor() {
    super();
    for (const name of Object.keys(this.#properties)) {
      // Set before the element was defined, it hides the accessor.
      const own = Object.getOwnPropertyDescriptor(this, name);
      if (own === undefined) continue;
      Reflect.deleteProperty(this, name);
      // After the constructors, whose defaults it replaces.
      queueMicrotask(() => Reflect.set(this, name, own.value));
    }
  }

  get #properties(): typeof ReactiveElement.properties {
    return Object.getPrototypeOf(this).constructor.properties;
  }

  addController(controller: Controller): void {
    this.#controllers.push(controller);
  }

  createRenderRoot(): HTMLElement | ShadowRoot {
    const root = this.attachShadow({ mode: 'open' });
    adoptStyles(root, [Object.getPrototypeOf(this).constructor.styles].flat());
    return root;
  }

  connectedCallback(): void {
    this.renderRoot ??= this.createRenderRoot();
    for (const controller of this.#controllers) controller.hostConnected?.();
    this.requestUpdate();
  }

  disconnectedCallback(): void {
    for (const controller of this.#controllers) controller.hostDisconnected?.();
  }

  attributeChangedCallback(attribute: string, _old: string | null, text: string | null): void {
    if (this.#isReflecting) return;
    const properties = this.#properties;
    for (const name of Object.keys(properties)) {
      if (attributeOf(name, properties) !== attribute) continue;
      const type = properties[name]?.type;
      if (type === Boolean) Reflect.set(this, name, text !== null);
      else Reflect.set(this, name, type === Number && text !== null ? Number(text) : text);
    }
  }

  requestUpdate(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    this.updateComplete = Promise.resolve().then(() => {
      this.#isPending = false;
      // Connecting asks again.
      if (this.isConnected) this.#perform();
    });
  }

  #perform(): void {
    this.#isPending = true; // What changes from here to the drawing is drawn with it.
    const changed = this.#changed;
    this.willUpdate(changed);
    for (const controller of this.#controllers) controller.hostUpdate?.();
    this.#changed = new Map();
    this.#isReflecting = true;
    for (const name of changed.keys()) this.#reflect(name);
    this.#isReflecting = false;
    this.#isPending = false;
    this.update(changed);
    if (!this.hasUpdated) {
      this.hasUpdated = true;
      this.firstUpdated(changed);
    }
    this.updated(changed);
  }

  #reflect(name: string): void {
    const properties = this.#properties;
    const attribute = attributeOf(name, properties);
    if (attribute === undefined || !properties[name]?.reflect) return;
    const value = this.#values.get(name) ?? false;
    if (value === false) this.removeAttribute(attribute);
    else this.setAttribute(attribute, value === true ? '' : String(value));
  }

  willUpdate(_changed: Changed): void {}
  update(_changed: Changed): void {}
  firstUpdated(_changed: Changed): void {}
  updated(_changed: Changed): void {}
}

/** Its shadow tree is what `render` gives. */
export class LitElement extends ReactiveElement {
  override update(): void {
    if (this.renderRoot !== undefined) render(this.render(), this.renderRoot, { host: this });
  }

  render(): unknown {
    return nothing;
  }
}

function attributeOf(name: string, properties: typeof ReactiveElement.properties) {
  const attribute = properties[name]?.attribute ?? name.toLowerCase();
  return typeof attribute === 'string' ? attribute : undefined;
}

export { css, html, nothing };
