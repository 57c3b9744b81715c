import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, Names, YamlOutputType } from 'cdk8s';
import { ConfigError, inputOf } from '../config';
import { environmentNames, environmentPath, environmentText } from '../config/environment-files';
import { OutputError, replaceManifests } from './output';
import type { ThreewallProps } from './props';
import { type Origin, Threewall } from './threewall';

/** A file of config/. */
export interface EnvironmentFile {
  /** Its name without `.yaml`, and the folder of dist/ that its manifests go to. */
  readonly name: string;
  /** What stands in it, not yet validated. */
  readonly props: ThreewallProps;
  /** Where it stands, for messages and for files that it names. */
  readonly origin: Origin;
}

/** Fills the app of one environment. */
export type Build = (app: App, environment: EnvironmentFile) => void;

/** The site of the environment and nothing else. */
const site: Build = (app, { name, props, origin }) => {
  for (const notice of new Threewall(app, name, props, origin).notices) console.warn(`${origin.file}: ${notice}`);
};

/** Every file of config/, in the order of their names. @param root the project's folder @throws ConfigError */
export function environmentFiles(root: string): EnvironmentFile[] {
  const folder = join(root, 'config');
  const names = environmentNames(root);
  // an empty folder would take every manifest away
  if (names.length === 0) throw new ConfigError(folder, ['must hold an environment, like production.yaml, got none']);
  return names.map((name) => {
    const file = environmentPath(name);
    return { name, props: inputOf(environmentText(root, name), file) as ThreewallProps, origin: { file, folder } };
  });
}

/**
 * Reads config/, builds an app for every environment and writes dist/<environment>/, or the folder that CDK8S_OUTDIR
 * names. Prints what is wrong and ends the process, with exit code 2 for a faulty configuration and 1 for a folder that
 * cannot be written: nothing of dist/ has changed then.
 * @param root the project's folder
 * @param build fills the app of one environment. @default - the site that its file describes, and nothing else
 */
export function synthesize(root: string, build: Build = site): void {
  try {
    write(root, build);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof OutputError)) throw error;
    console.error(error.message);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function write(root: string, build: Build): void {
  const environments = environmentFiles(root);
  const fresh = mkdtempSync(join(tmpdir(), 'threewall-synth-'));
  try {
    for (const environment of environments) {
      const outdir = join(fresh, environment.name);
      const app = new App({ outdir, outputFileExtension: '.yaml', yamlOutputType: YamlOutputType.FILE_PER_CHART });
      build(app, environment);
      app.synth();
      nameAfterCharts(app, outdir);
    }
    replaceManifests(resolve(root, process.env.CDK8S_OUTDIR || 'dist'), fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** cdk8s adds a hash to the name of a chart inside a construct; without it a file keeps its name when code moves. */
function nameAfterCharts({ charts }: App, outdir: string): void {
  const ids = charts.map(({ node }) => node.id);
  for (const chart of charts) {
    const { id } = chart.node;
    const label = Names.toDnsLabel(chart);
    // a chart that waits for others has its place in the order before its name
    const given = readdirSync(outdir).find((name) => name.replace(/^\d{4}-/, '') === `${label}.yaml`);
    if (!given || ids.filter((other) => other === id).length > 1) continue;
    renameSync(join(outdir, given), join(outdir, given.replace(label, id)));
  }
}
