import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { loadAll, YAMLException } from 'js-yaml';
import { filesBelow } from '../../bundle/files';
import { type Change, changesBetween } from '../../reachability/changes';
import { type Manifest, manifestsIn } from '../../reachability/manifest';
import { UsageError } from '../command';

/** Manifests by environment: one folder each, or '' if they are in the folder itself. */
type Environments = ReadonlyMap<string, readonly Manifest[]>;

/**
 * Prints the connections that a change opens or closes.
 * @param before folder of manifests or git revision, like `after`
 * @param json prints them for programs
 * @returns the exit code: 1 when a connection opens
 * @throws UsageError on every failure: unreadable manifests must count neither as opened nor as unchanged
 */
export function compare(before: string, after: string, json = false): number {
  try {
    const [a, b] = [read(before), read(after)];
    const rows = [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((environment) =>
      changesBetween(a.get(environment) ?? [], b.get(environment) ?? []).map((change) => ({
        environment,
        ...change,
      })),
    );
    if (json) console.log(JSON.stringify(rows, null, 2));
    else console.log(rows.length > 0 ? table(rows) : 'no connection opens or closes');
    return rows.some(({ change }) => change === 'opened') ? 1 : 0;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function read(source: string): Environments {
  const files = existsSync(source) ? filesOfFolder(source) : filesOfRevision(source);
  if (files.length === 0) throw new UsageError(`${source}: holds no .yaml file`);
  const environments = new Map<string, Manifest[]>();
  for (const { path, text } of files) {
    const environment = posix.dirname(path).replace(/^\.$/, '');
    const objects = manifestsOf(text, `${source}: ${path}`);
    environments.set(environment, [...(environments.get(environment) ?? []), ...objects]);
  }
  return environments;
}

function manifestsOf(text: string, where: string): Manifest[] {
  try {
    const objects = manifestsIn(loadAll(text));
    if (objects.every(({ metadata }) => metadata?.name)) return objects;
  } catch (error) {
    if (error instanceof YAMLException) {
      throw new UsageError(`${where}: not YAML: ${error.message.split('\n')[0]}`);
    }
  }
  throw new UsageError(`${where}: holds something that is no Kubernetes object`);
}

interface File {
  /** Relative to the folder of manifests, with `/`. */
  readonly path: string;
  readonly text: string;
}

function filesOfFolder(folder: string): File[] {
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder}: must be a folder of manifests`);
  return filesBelow(folder)
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(folder, path), 'utf8') }));
}

function filesOfRevision(revision: string): File[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28 });
  let names: string[];
  try {
    // --end-of-options: a revision that starts with "-" is no option
    git('rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`);
    names = git('ls-tree', '-r', '-z', '--name-only', revision, 'dist/').split('\0');
  } catch {
    throw new UsageError(`${revision}: must be a folder of manifests or a git revision`);
  }
  return names
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ path: posix.relative('dist', name), text: git('show', `${revision}:./${name}`) }));
}

/** A Markdown table, aligned: it reads well in a terminal and in a pull request. */
function table(rows: readonly (Change & { readonly environment: string })[]): string {
  const lines = [
    ['environment', 'change', 'from', 'to', 'ports'],
    ...rows.map(({ environment, change, from, to, ports }) => [environment, change.toUpperCase(), from, to, ports]),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.min(60, Math.max(...lines.map((line) => line[column]?.length ?? 0)))) ?? [];
  const print = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [print(head), print(widths.map((width) => '-'.repeat(width))), ...body.map(print)].join('\n');
}
