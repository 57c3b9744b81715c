import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { App, YamlOutputType } from 'cdk8s';
import { bundleSite } from './bundle/site';
import { threewall } from './charts';
import { ConfigError, parseConfig } from './config';
import { noticesOf } from './config/app-facts';
import { readAppFiles } from './config/app-files';

/** The folder of manifests cannot be written. */
class OutputError extends Error {}

/**
 * Reads config/, builds the charts of every environment and writes dist/<environment>/. The only impure file of the
 * generator.
 */
function main(root: string): void {
  const files = readdirSync(join(root, 'config')).filter((file) => file.endsWith('.yaml'));
  const configs = files.map((file) => {
    const path = join('config', file);
    const config = parseConfig(readFileSync(join(root, path), 'utf8'), path);
    const files = readAppFiles(config.app, join(root, 'config'), path);
    for (const notice of noticesOf(config.app)) console.warn(`${path}: ${notice}`);
    return { environment: basename(file, '.yaml'), config, files };
  });
  const site = bundleSite(join(root, 'site'));

  const fresh = mkdtempSync(join(tmpdir(), 'threewall-synth-'));
  try {
    for (const { environment, config, files } of configs) {
      const app = new App({
        outdir: join(fresh, environment),
        outputFileExtension: '.yaml',
        yamlOutputType: YamlOutputType.FILE_PER_CHART,
      });
      threewall(app, config, site, files);
      app.synth();
    }
    replace(resolve(root, process.env.CDK8S_OUTDIR ?? 'dist'), fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Makes the manifests of `fresh` those of `out`. Folders stay, as each may be a mount or a link and neither can be
 * renamed; files are replaced in one step each, and none before all are written: a full disk leaves the old ones.
 */
function replace(out: string, fresh: string): void {
  const names = readdirSync(fresh, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const begun: string[] = [];
  try {
    for (const name of names) {
      const path = join(out, name);
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
      mkdirSync(dirname(path), { recursive: true });
      begun.push(path);
      writeFileSync(`${path}.new`, readFileSync(join(fresh, name)));
    }
  } catch (error) {
    for (const path of begun) rmSync(`${path}.new`, { force: true });
    throw new OutputError(`${(error as Error).message}\n${out}: cannot be written; its manifests are as they were`);
  }
  for (const path of begun) renameSync(`${path}.new`, path);
  removeEarlier(out, new Set(names));
}

/** Files of charts and of environments that are no more. What else lies in `out` is not the generator's to remove. */
function removeEarlier(out: string, names: ReadonlySet<string>): void {
  const environments = new Set([...names].map(dirname));
  for (const folder of readdirSync(out).filter((name) => statSync(join(out, name)).isDirectory())) {
    const ours = environments.has(folder) ? /\.yaml(\.new)?$/ : /^\d\d-.+\.yaml(\.new)?$/;
    const earlier = readdirSync(join(out, folder)).filter((file) => ours.test(file) && !names.has(join(folder, file)));
    for (const file of earlier) rmSync(join(out, folder, file));
    if (earlier.length > 0 && readdirSync(join(out, folder)).length === 0) rmdirSync(join(out, folder));
  }
}

try {
  main(import.meta.dirname);
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof OutputError)) throw error;
  console.error(error.message);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
