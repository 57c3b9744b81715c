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
    const { code, libraries } = contents.get(site) ?? contentsOf(site);
    contents.set(site, { code, libraries });
    this.volume = {
      name: 'code',
      projected: { sources: [this.source('code', config, code), this.source('libraries', config, libraries)] },
    };
  }

  /** `items` brings each path back. */
  private source(name: string, config: Config, paths: Contents): k8s.VolumeProjection {
    const instead = 'large files fit into an image or a claim: app.code.source';
    const map = files(this, 'app', config, name, paths, instead);
    return { configMap: { name: map.name, items: [...map.items] } };
  }
}

type Contents = Readonly<Record<string, Content>>;

/** The same objects for each configuration that runs a site: what is made of its 300 KB is made once. */
const contents = new WeakMap<Site, Record<'code' | 'libraries', Contents>>();

function contentsOf(site: Site): Record<'code' | 'libraries', Contents> {
  const statics = Object.entries(site.static).map(([path, content]) => [`static/${path}`, content]);
  return {
    code: { 'server.mjs': site['server.mjs'], ...Object.fromEntries(statics) },
    libraries: { 'libraries.mjs': site['libraries.mjs'] },
  };
}
