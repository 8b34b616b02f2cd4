/**
 * Children that know nothing of us must not outlive us.
 */
import type { ChildProcess } from 'node:child_process';

/** Kills `child` when this process ends. @returns what undoes it, once the child has ended. */
export function killAtExit(child: ChildProcess): () => void {
  const kill = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', kill);
  return () => process.off('exit', kill);
}
