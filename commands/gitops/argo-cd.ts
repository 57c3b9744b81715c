import { kindsOf } from '../../charts/gitops';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { nameOf, type Source } from './source';

/** Argo CD's namespace and its target cluster. */
export interface ArgoCd {
  /** Namespace of its Applications. */
  readonly namespace: string;
  /** The site's cluster, by its name in Argo CD. */
  readonly server: string;
}

const API = 'argoproj.io/v1alpha1';

/**
 * The AppProject of an environment: one repository, two namespaces, and the kinds that the charts create, nothing else.
 * Foreign objects of these kinds in the site's namespace are reported as warnings, so that a NetworkPolicy that opens
 * the firewalls is noticed.
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/project-specification/
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/orphaned-resources/
 */
export const project = (source: Source, { namespace, server }: ArgoCd): object => ({
  apiVersion: API,
  kind: 'AppProject',
  metadata: { name: nameOf(source), namespace },
  spec: {
    description: `The site ${source.config.name}, environment ${source.environment}`,
    sourceRepos: [source.repo],
    destinations: [namespaceOf('app', source.config), namespaceOf('monitoring', source.config)].map((name) => ({
      server,
      namespace: name,
    })),
    clusterResourceWhitelist: kinds(source.config, true),
    namespaceResourceWhitelist: kinds(source.config, false),
    // Argo CD counts claims of StatefulSets and ConfigMaps kept by `up` as orphaned
    orphanedResources: { warn: true, ignore: [{ kind: 'PersistentVolumeClaim' }, { kind: 'ConfigMap' }] },
  },
});

const kinds = (config: Config, clusterWide: boolean) =>
  kindsOf(config)
    .filter((one) => (one.clusterWide ?? false) === clusterWide)
    .map(({ group, kind }) => ({ group, kind }));

/** The Application of an environment. @see https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml */
export const application = (source: Source, { namespace, server }: ArgoCd): object => {
  const scaled = autoscaled(source.config);
  return {
    apiVersion: API,
    kind: 'Application',
    metadata: { name: nameOf(source), namespace },
    spec: {
      project: nameOf(source),
      source: { repoURL: source.repo, targetRevision: source.branch, path: source.path },
      destination: { server, namespace: source.config.name },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: [
          'ServerSideApply=true',
          // objects in sync are not waited for
          'ApplyOutOfSyncOnly=true',
          'FailOnSharedResource=true',
          ...(scaled.length > 0 ? ['RespectIgnoreDifferences=true'] : []),
        ],
        // the next attempt uses a newer commit
        retry: { limit: -1, refresh: true, backoff: { duration: '5s', factor: 2, maxDuration: '1m' } },
      },
      // keeps the autoscaler's replicas in the sync that removes `replicas` from the manifest, which would otherwise
      // set 1
      ...(scaled.length > 0
        ? {
            ignoreDifferences: scaled.map((name) => ({
              group: 'apps',
              kind: 'Deployment',
              name,
              jsonPointers: ['/spec/replicas'],
            })),
          }
        : {}),
    },
  };
};

/** Deployments with an autoscaler. */
const autoscaled = (config: Config): string[] =>
  (['web', 'app'] as const).filter((tier) => config[tier].autoscaling !== undefined);
