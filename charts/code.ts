import type { Construct } from 'constructs';
import { hasCode } from '../config/app-facts';
import type { Config } from '../config/schema';
import type * as k8s from '../imports/k8s';
import { files, ThreewallChart } from './chart';

/** A site ready to run: the server, and the files that the web servers serve themselves. */
export interface Site {
  readonly 'server.mjs': string;
  /** What the server imports from beside it. */
  readonly 'libraries.mjs': string;
  /** Text files by name, served below /static/. */
  readonly static: Readonly<Record<string, string>>;
}

/** What app and web tiers need to mount the code. */
export interface Code {
  /** The volume called `code`, read-only, with `server.mjs` and `static/` below its root. */
  readonly volume: k8s.Volume;
}

/**
 * The code volume, from where the configuration says: a claim or an OCI image is mounted as it is, and a new version is
 * a new name or tag; the sample site is a ConfigMap in a chart of its own. Undefined: the app's image holds its code.
 */
export function codeVolume(scope: Construct, config: Config, site: Site): Code | undefined {
  const { code } = config.app;
  if (!hasCode(config.app)) return undefined;
  switch (code.source) {
    case 'claim':
      return { volume: { name: 'code', persistentVolumeClaim: { claimName: code.claimName, readOnly: true } } };
    case 'image':
      return { volume: { name: 'code', image: { reference: code.image, pullPolicy: config.imagePullPolicy } } };
    case 'bundle':
      return new CodeChart(scope, config, site);
  }
}

const STATIC = 'static.';

/**
 * The sample site as two ConfigMaps named after their content: a new version rolls the pods that mount it. Two, because
 * `kubectl apply` repeats each in an annotation, which holds 256 KiB.
 */
class CodeChart extends ThreewallChart implements Code {
  readonly volume: k8s.Volume;

  constructor(scope: Construct, config: Config, site: Site) {
    super(scope, '20', 'code', config.name);
    // a ConfigMap's keys have no folders: the prefix stands for one and `items` brings it back
    const statics = Object.fromEntries(Object.entries(site.static).map(([name, text]) => [STATIC + name, text]));
    const source = (name: string, data: Record<string, string>): k8s.VolumeProjection => ({
      configMap: {
        name: files(this, 'app', config, name, data).name,
        items: Object.keys(data).map((key) => ({ key, path: key.replace(STATIC, 'static/') })),
      },
    });
    this.volume = {
      name: 'code',
      projected: {
        sources: [
          source('code', { 'server.mjs': site['server.mjs'], ...statics }),
          source('libraries', { 'libraries.mjs': site['libraries.mjs'] }),
        ],
      },
    };
  }
}
