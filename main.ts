import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { App, YamlOutputType } from 'cdk8s';
import { threewall } from './charts';
import { bundleAgent } from './charts/backup/bundle';
import { ConfigError, parseConfig } from './config';
import { bundleSite } from './site/bundle';

/**
 * Reads config/, builds the charts of every environment and writes dist/<environment>/. The only impure file of the
 * generator. The new dist/ takes the old one's place when it is complete: a fault leaves the old one as it was, and no
 * file of a removed chart stays behind.
 */
function main(root: string): void {
  const files = readdirSync(join(root, 'config')).filter((file) => file.endsWith('.yaml'));
  const configs = files.map((file) => {
    const path = join('config', file);
    return { environment: basename(file, '.yaml'), config: parseConfig(readFileSync(join(root, path), 'utf8'), path) };
  });
  const site = bundleSite(join(root, 'site'));
  const agent = bundleAgent(join(root, 'charts/backup'));

  const out = resolve(root, process.env.CDK8S_OUTDIR ?? 'dist');
  const fresh = mkdtempSync(join(dirname(out), '.dist-'));
  try {
    for (const { environment, config } of configs) {
      const app = new App({
        outdir: join(fresh, environment),
        outputFileExtension: '.yaml',
        yamlOutputType: YamlOutputType.FILE_PER_CHART,
      });
      threewall(app, config, site, agent);
      app.synth();
    }
    rmSync(out, { recursive: true, force: true });
    renameSync(fresh, out);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

try {
  main(import.meta.dirname);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(2);
}
