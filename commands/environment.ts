import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { loadAll } from 'js-yaml';
import { type Config, ConfigError, parseConfig } from '../config';
import { ClusterError } from './cluster/kubectl';

/** The command line or a file that it names is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An environment that a command works on. */
export interface Environment {
  readonly name: string;
  readonly config: Config;
  /** Folder of its manifests. */
  readonly manifests: string;
}

/** A Kubernetes object, as far as the commands look at every kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Reads the environment `name` of the project in `root`. Throws UsageError or ConfigError. */
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

/** Every object of a file of manifests. */
export const objectsIn = (file: string): Manifest[] => loadAll(readFileSync(file, 'utf8')) as Manifest[];

/** What a command knows of its command line. */
export interface Usage<T extends NonNullable<ParseArgsConfig['options']>> {
  /** Printed for --help and below a wrong command line. */
  readonly text: string;
  /** In the words of node:util. */
  readonly options: T;
}

/**
 * Runs a command: parses its arguments, and turns what it throws into one message and an exit code (1 the cluster, 2
 * the input).
 */
export async function command<T extends NonNullable<ParseArgsConfig['options']>>(
  usage: Usage<T>,
  run: (
    environmentName: string | undefined,
    values: ReturnType<typeof parseArgs<{ options: T }>>['values'],
  ) => Promise<void>,
): Promise<void> {
  try {
    if (process.argv.slice(2).some((arg) => arg === '--help' || arg === '-h')) {
      console.log(usage.text);
      return;
    }
    const { positionals, values } = parse(usage);
    if (positionals.length > 1) throw new UsageError(`one environment at a time, got: ${positionals.join(', ')}`);
    await run(positionals[0], values);
  } catch (error) {
    const bad = error instanceof UsageError || error instanceof ConfigError;
    process.exitCode = bad ? 2 : 1;
    console.error(`error: ${(error as Error).message}`);
    if (!bad && !(error instanceof ClusterError) && process.env.DEBUG) console.error((error as Error).stack);
  }
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>({ text, options }: Usage<T>) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}\n${text}`);
  }
}

/** Seconds of a duration like "10m", "90s" or "600". Throws UsageError naming the option. */
export function seconds(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const value = match ? Number(match[1]) * { s: 1, m: 60, h: 3600 }[(match[2] ?? 's') as 's' | 'm' | 'h'] : 0;
  if (value <= 0) throw new UsageError(`${option}: must be a time like "10m" or "90s", got "${text}"`);
  return value;
}
