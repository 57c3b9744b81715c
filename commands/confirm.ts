import { createInterface } from 'node:readline/promises';
import { UsageError } from './command';

/**
 * Asks before something that cannot be undone: the answer is the site's name.
 * @param what what is about to happen, and where
 * @throws UsageError where the answer is another, or nobody can be asked
 */
export async function confirm(what: string, name: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError(`${what}\nSay --yes where nobody can answer; nothing was changed.`);
  const line = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await line.question(`${what}\nType the site's name to go on: `);
  line.close();
  if (answer.trim() !== name) throw new UsageError('the answer was not the name; nothing was changed');
}
