import { join } from 'node:path';
import { App, YamlOutputType } from 'cdk8s';
import { Threewall } from '../../library';

// A program of its own: synthesizes as many sites as its argument says, each in an app of its own, as synthesize() does.
const out = process.env.CDK8S_OUTDIR ?? 'dist';
for (let n = 0; n < Number(process.argv[2]); n++) {
  const outdir = join(out, `site-${n}`);
  const app = new App({ outdir, outputFileExtension: '.yaml', yamlOutputType: YamlOutputType.FILE_PER_CHART });
  new Threewall(app, `site-${n}`, { domain: `site-${n}.example.org` });
  app.synth();
}
