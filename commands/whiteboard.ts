import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Manifest } from '../reachability/policy';
import { command, environment, objectsOf, UsageError } from './environment';
import { documentsOf } from './whiteboard/documents';

const USAGE = `usage: npm run whiteboard -- ENVIRONMENT [--out FOLDER]

Draws the whiteboard from the manifests in dist/ENVIRONMENT, as SVG and as Mermaid; for production it writes the flow
table as well, and the files are those that the documentation shows.

--out  folder of the files (default docs)

exit code: 0 done, 2 the input is wrong`;

await command({ text: USAGE, options: { out: { type: 'string', default: 'docs' } } }, async (name, { out }) => {
  const chosen = environment(name);
  const manifests = objectsOf(chosen) as Manifest[];
  for (const [path, text] of Object.entries(documents({ ...chosen, manifests }, out))) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(path);
  }
});

/** What cannot be judged cannot be drawn: wrong input, and the message names the policy. */
function documents(...[source, folder]: Parameters<typeof documentsOf>): Record<string, string> {
  try {
    return documentsOf(source, folder);
  } catch (error) {
    throw new UsageError(`dist/${source.name}: ${(error as Error).message}`);
  }
}
