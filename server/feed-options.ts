/**
 * The options of messages and uploads.
 *
 * @see SPEC 3.4, 3.5, 7 "messages per user"
 */
import { GIB, HOUR, KIB, SECOND, type Specs } from './option-spec.ts';

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

/** Files that clients send. */
export const UPLOADS = {
  uploads: {
    type: 'string',
    default: undefined,
    value: '<folder>',
    help: 'take uploads, and keep them in this folder',
  },
  'max-upload': {
    type: 'size',
    default: GIB,
    min: KIB,
    help: 'one upload; larger is refused with 413',
  },
  'upload-quota': {
    type: 'size',
    default: 10 * GIB,
    min: KIB,
    help: 'all uploads together; more is refused with 507',
  },
  'upload-expiry': {
    type: 'duration',
    default: 24 * HOUR,
    min: SECOND,
    help: 'an upload is deleted after this long',
  },
} as const satisfies Specs;
