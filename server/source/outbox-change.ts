/**
 * What `sse-table install` and `uninstall` ask of a database, and what it answers.
 *
 * @see SPEC 6
 */

export interface OutboxRequest {
  action: 'install' | 'uninstall';
  /** All when empty. */
  tables: readonly string[];
  /** `--key`: where that column is unique in a table. */
  key: string | undefined;
  /** Only tell what would be run. */
  dryRun: boolean;
}

/** What was changed, or would be. */
export interface OutboxChange {
  /** Tables that got or lost their outbox; those that were so already are not among them. */
  tables: string[];
  /** The statements, without their final semicolons. */
  sql: string[];
  /** Tables that can have none, and why. */
  skipped: string[];
}
