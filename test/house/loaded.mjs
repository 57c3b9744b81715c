// node --import: prints the URL of each module on stderr when it is loaded
import { writeSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** @see https://nodejs.org/api/module.html#loadurl-context-nextload */
export function load(url, context, next) {
  if (!url.startsWith('node:')) writeSync(2, `${url}\n`);
  return next(url, context);
}

// hooks run in a thread of their own, which imports this file as well
if (isMainThread) register(import.meta.url);
