/**
 * Runs one test file in a process of its own; test/run.ts starts it and reads its reports.
 */
import { pathToFileURL } from 'node:url';
import { runSuites } from './suite.ts';

const file = process.argv[2];
if (file === undefined) throw new TypeError('usage: node test/run-file.ts <test file>');

await import(pathToFileURL(file).href);
await runSuites();
// The channel to test/run.ts would keep the process alive; whatever else does is a leak of the tests.
if (process.connected) process.disconnect?.();
