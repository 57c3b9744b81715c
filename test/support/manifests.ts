import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { loadAll } from 'js-yaml';
import { threewall } from '../../charts';
import type { FileContents } from '../../charts/app/files';
import type { Site } from '../../charts/code';
import type { Config } from '../../config';
import { filesOf } from '../../config/app-facts';
import type { Manifest } from '../../reachability/manifest';
import { configs } from './configs';
import { examples } from './examples';
import { everySetting, ownApp } from './firewalls';

/** A site small enough to read in a failing test. */
export const STUB_SITE: Site = {
  'server.mjs': '// server',
  'libraries.mjs': '// libraries',
  static: { 'app.css': '/* style */', 'app.js': '// script' },
};

/** One of config/, with everything that is synthesized from it. */
export interface Environment {
  readonly name: string;
  readonly config: Config;
  readonly manifests: readonly Manifest[];
}

/** Every environment of config/, one with every setting, one with an app of its own and every example, or others, synthesized in memory with a stub for the site. */
export const environments = (
  of: readonly Omit<Environment, 'manifests'>[] = [...configs(), everySetting, ownApp, ...examples()],
): Environment[] => of.map(({ name, config }) => ({ name, config, manifests: synthesize(config) }));

/** Contents for `app.files`, without a repository. */
const stubFiles = (config: Config): FileContents =>
  new Map(filesOf(config.app).map(({ path }) => [path, Buffer.from(`content of ${path}`)]));

/** The whole whiteboard as constructs. */
export function build(config: Config): App {
  const app = new App();
  threewall(app, config, { site: STUB_SITE }, stubFiles(config));
  return app;
}

/** Every object of the whole whiteboard, in order. */
export const synthesize = (config: Config): Manifest[] =>
  build(config).charts.flatMap((chart) => chart.toJson() as Manifest[]);

/** Every object of the YAML files in a folder, in the order of the files' names. */
export const readManifests = (folder: string): Manifest[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as Manifest[]);
