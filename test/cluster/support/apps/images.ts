import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

interface Node {
  readonly status: { readonly images?: readonly { readonly names?: readonly string[] }[] };
}

/**
 * Declares the trials of an example where every node has its image, or THREEWALL_APP_IMAGES says that the nodes can pull
 * it; elsewhere they are skipped, with the reason as their title.
 */
export function withAppImage(example: string, trials: () => void): void {
  const { app } = load(readFileSync(`config/examples/${example}.yaml`, 'utf8')) as { app: { image: string } };
  const { items } = JSON.parse(execFileSync('kubectl', ['get', 'nodes', '-o', 'json'], { encoding: 'utf8' })) as {
    items: Node[];
  };
  const has = ({ status }: Node): boolean => status.images?.some(({ names }) => names?.includes(app.image)) ?? false;
  if (process.env.THREEWALL_APP_IMAGES || (items.length > 0 && items.every(has))) {
    describe(`${example}, ${app.image}`, trials);
  } else {
    describe.skip(
      `${app.image} is missing (load it on every node, or set THREEWALL_APP_IMAGES=1 where nodes can pull it)`,
      trials,
    );
  }
}
