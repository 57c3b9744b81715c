import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadAll } from 'js-yaml';
import { type Config, parseConfig } from '../config';
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
  const folder = join(root, 'config');
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.yaml')) : [];
  const known = files.map((file) => basename(file, '.yaml'));
  if (known.length === 0) throw new UsageError(`${root}: holds no config/*.yaml; run this in the project's folder`);
  if (name === undefined) throw new UsageError(`name an environment: ${known.join(' or ')}`);
  if (!known.includes(name)) throw new UsageError(`unknown environment "${name}", there are: ${known.join(', ')}`);
  const path = join('config', `${name}.yaml`);
  const config = parseConfig(readFileSync(join(root, path), 'utf8'), path);
  const manifests = join(root, 'dist', name);
  if (!existsSync(manifests)) throw new UsageError(`dist/${name}: is missing; run \`npm run synth\``);
  return { name, config, manifests };
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
