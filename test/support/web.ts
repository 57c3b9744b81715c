import { Testing } from 'cdk8s';
import { WebChart } from '../../charts/web';
import { nginxConf } from '../../charts/web/nginx-conf';
import { configFrom } from './configs';

/** The nginx.conf of an environment. @param yaml settings that differ from the defaults */
export const conf = (yaml = ''): string => nginxConf(configFrom(yaml));

/** The lines of one location of the default configuration. @param head like `location /` */
export const location = (head: string): string => conf().split(`    ${head} {`)[1]?.split('\n    }')[0] ?? '';

/** The first object of a kind in the manifests of the web tier. */
// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
export const object = (kind: string, yaml = ''): any =>
  Testing.synth(new WebChart(Testing.app(), configFrom(yaml), { volume: { name: 'code' } })).find(
    (o) => o.kind === kind,
  );
