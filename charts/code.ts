import type { Construct } from 'constructs';
import { hasCode } from '../config/app-facts';
import type { Config } from '../config/schema';
import type * as k8s from '../imports/k8s';
import { files, ThreewallChart } from './chart';
import type { Content } from './config-map';

/** A bundled site: the server, and the static files that web servers serve. */
export interface Site {
  readonly 'server.mjs': string;
  /** Modules beside the server that it imports. */
  readonly 'libraries.mjs': string;
  /** Files by their path below /static/, where they are served. */
  readonly static: Readonly<Record<string, Content>>;
}

/** What app and web tiers need to mount the code. */
export interface Code {
  /** The volume called `code`, read-only, with `server.mjs` and `static/` below its root. */
  readonly volume: k8s.Volume;
}

/**
 * The code volume from its configured source. A claim or an OCI image is mounted as it is, and a new version is
 * a new name or tag. The sample site is a ConfigMap in a separate chart. Undefined: the app's image holds its code.
 */
export function codeVolume(scope: Construct, config: Config, programs: { readonly site: Site }): Code | undefined {
  const { code } = config.app;
  if (!hasCode(config.app)) return undefined;
  switch (code.source) {
    case 'claim':
      return { volume: { name: 'code', persistentVolumeClaim: { claimName: code.claimName, readOnly: true } } };
    case 'image':
      return { volume: { name: 'code', image: { reference: code.image, pullPolicy: config.imagePullPolicy } } };
    case 'bundle':
      return new CodeChart(scope, config, programs.site);
  }
}

/**
 * The sample site as two ConfigMaps named after their content: a new version rolls the pods that mount it. Two, because
 * `kubectl apply` repeats each in an annotation, which is limited to 256 KiB.
 */
class CodeChart extends ThreewallChart implements Code {
  readonly volume: k8s.Volume;

  constructor(scope: Construct, config: Config, site: Site) {
    super(scope, '20', 'code', config.name);
    const instead = 'large files fit into an image or a claim: app.code.source';
    // `items` brings each path back
    const source = (name: string, contents: Readonly<Record<string, Content>>): k8s.VolumeProjection => {
      const map = files(this, 'app', config, name, contents, instead);
      return { configMap: { name: map.name, items: [...map.items] } };
    };
    const statics = Object.entries(site.static).map(([path, content]) => [`static/${path}`, content]);
    this.volume = {
      name: 'code',
      projected: {
        sources: [
          source('code', { 'server.mjs': site['server.mjs'], ...Object.fromEntries(statics) }),
          source('libraries', { 'libraries.mjs': site['libraries.mjs'] }),
        ],
      },
    };
  }
}
