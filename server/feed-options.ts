/**
 * The options of messages.
 *
 * @see SPEC 3.4, 7 "messages per user"
 */
import type { Specs } from './option-spec.ts';

/** Chats, and messages to users. */
export const MESSAGES = {
  messages: {
    type: 'string',
    default: undefined,
    value: '<store>',
    help: 'SQLite file or postgres://… that keeps messages; default a source that can, else memory',
  },
  'message-rate': {
    type: 'number',
    default: 0,
    min: 0,
    max: 1_000_000,
    help: 'messages that one user may post a second; more are refused with 429; 0 any number',
  },
} as const satisfies Specs;
