import { KINDS, RELEASE_KIND } from '../../charts/gitops';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { nameOf, type Source } from './source';

/** Where Argo CD runs and what it deploys to. */
export interface ArgoCd {
  /** Namespace of its Applications. */
  readonly namespace: string;
  /** The cluster of the site, as Argo CD calls it. */
  readonly server: string;
}

const API = 'argoproj.io/v1alpha1';

/**
 * The project of an environment: one repository, two namespaces, and the kinds that the charts make, nothing else. What
 * somebody else puts into the site's namespace is told as a warning; of such kinds only, so that a NetworkPolicy that opens
 * the firewalls is seen.
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
    clusterResourceWhitelist: kinds(true),
    namespaceResourceWhitelist: [...kinds(false), ...(source.config.app.release ? [{ ...RELEASE_KIND }] : [])],
    // claims of StatefulSets and files that `up` has kept are nobody's in Argo CD's eyes
    orphanedResources: { warn: true, ignore: [{ kind: 'PersistentVolumeClaim' }, { kind: 'ConfigMap' }] },
  },
});

const kinds = (clusterWide: boolean) =>
  KINDS.filter((one) => (one.clusterWide ?? false) === clusterWide).map(({ group, kind }) => ({ group, kind }));

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
          // what is as it should be is not waited for
          'ApplyOutOfSyncOnly=true',
          'FailOnSharedResource=true',
          ...(scaled.length > 0 ? ['RespectIgnoreDifferences=true'] : []),
        ],
        // a commit that mends it is taken with the next try
        retry: { limit: -1, refresh: true, backoff: { duration: '5s', factor: 2, maxDuration: '1m' } },
      },
      // the autoscaler's number is kept also by the sync that takes the manifest's away, which would otherwise set it to 1
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

/** Deployments whose number of pods an autoscaler sets. */
const autoscaled = (config: Config): string[] =>
  (['web', 'app'] as const).filter((tier) => config[tier].autoscaling !== undefined);
