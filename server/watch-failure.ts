/**
 * Tells when a source stops before its end, so that the exit code can say it.
 *
 * @see SPEC 2
 */
import type { Batch, Source, SourceContext, TableSpec } from './source/source.ts';

/**
 * The same source, which calls `onFailure` when it throws or when its rows could not be applied;
 * not when it ends by itself or is aborted. The app logs the reason.
 */
export function watchFailure(source: Source, onFailure: () => void): Source {
  const { name, writer } = source;
  return {
    name,
    ...(writer === undefined ? {} : { writer }),
    get down() {
      return source.down;
    },
    get lag() {
      return source.lag;
    },
    async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
      let hasEnded = false;
      try {
        yield* source.run(context, open);
        hasEnded = true;
      } finally {
        if (!hasEnded && !context.signal.aborted) onFailure();
      }
    },
  };
}
