import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Config, parseConfig } from '../../config';

/** Folder of the examples that docs/your-app.md shows. */
export const EXAMPLES = 'config/examples';

/** Every example of an app, as people copy it. */
export const examples = (): { readonly name: string; readonly config: Config }[] =>
  readdirSync(EXAMPLES)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({
      name: `the example ${basename(file, '.yaml')}`,
      config: parseConfig(readFileSync(join(EXAMPLES, file), 'utf8'), file),
    }));
