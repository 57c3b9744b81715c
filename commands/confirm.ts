import { createInterface } from 'node:readline/promises';
import { UsageError } from './command';

/**
 * Asks for confirmation of an irreversible action: the answer must be the site's name.
 * @param what the action and its target
 * @throws UsageError for another answer or without a terminal
 */
export async function confirm(what: string, name: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError(`${what}\nAdd --yes if no person can answer; nothing was changed.`);
  const line = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await line.question(`${what}\nType the site's name to go on: `);
  line.close();
  if (answer.trim() !== name) throw new UsageError('the answer was not the name; nothing was changed');
}
