import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { type Config, parseConfig } from '../config';
import { environmentNames, environmentPath, environmentText } from '../config/environment-files';
import { nearest } from '../config/nearest';
import { type Manifest, manifestsIn } from '../reachability/manifest';
import { UsageError } from './command';

/** An environment that a command works on. */
export interface Environment {
  readonly name: string;
  readonly config: Config;
  /** Folder of its manifests. */
  readonly manifests: string;
}

/** Reads the environment `name` of the project in `root`. @throws UsageError or ConfigError */
export function environment(name: string | undefined, root = process.cwd()): Environment {
  const known = existsSync(join(root, 'config')) ? environmentNames(root) : [];
  if (known.length === 0) throw new UsageError(`${root}: holds no config/*.yaml; run this in the project's folder`);
  if (name === undefined) throw new UsageError(`name an environment: ${known.join(' or ')}`);
  if (!known.includes(name)) throw new UsageError(unknown(name, known, root));
  const config = parseConfig(environmentText(root, name), environmentPath(name));
  const manifests = join(root, 'dist', name);
  if (!existsSync(manifests)) throw new UsageError(`dist/${name}: is missing; run \`npm run synth\``);
  return { name, config, manifests };
}

function unknown(name: string, known: readonly string[], root: string): string {
  const near = nearest(name, known);
  const plain = name.replace(/^(\.\/)?config\//, '').replace(/\.ya?ml$/, '');
  const help = existsSync(join(root, 'config', `${plain}.yml`))
    ? `; config/${plain}.yml must be called ${plain}.yaml`
    : known.includes(plain)
      ? `; write ${plain}`
      : near
        ? `; did you mean "${near}"?`
        : '';
  return `unknown environment "${name}", there are: ${known.join(', ')}${help}`;
}

/** Files of manifests in the order in which they are applied. */
export const manifestFiles = ({ manifests }: Environment): string[] =>
  readdirSync(manifests)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => join(manifests, file));

/** Every object of an environment, in the order in which they are applied. */
export const objectsOf = (chosen: Environment): Manifest[] => manifestFiles(chosen).flatMap(objectsIn);

/** Every object of a file of manifests, those in lists too. */
export const objectsIn = (file: string): Manifest[] => manifestsIn(loadAll(readFileSync(file, 'utf8')));
