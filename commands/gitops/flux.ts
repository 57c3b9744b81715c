import { nameOf, type Source } from './source';

const NAMESPACE = 'flux-system';

/** Flux supports https:// and ssh:// only. @returns undefined if it cannot reach the repository */
function url(repo: string): string | undefined {
  const scp = /^([\w.-]+@[\w.-]+):(.+)$/.exec(repo);
  if (scp && !repo.includes('://')) return `ssh://${scp[1]}/${scp[2]}`;
  return /^(https?|ssh):/.test(repo) ? repo : undefined;
}

/**
 * A GitRepository and the Kustomization that applies a folder of it.
 * @returns undefined if Flux cannot reach the repository
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export function kustomization(source: Source): object[] | undefined {
  const address = url(source.repo);
  if (address === undefined) return undefined;
  const metadata = { name: nameOf(source), namespace: NAMESPACE };
  return [
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata,
      spec: { interval: '1m', url: address, ref: { branch: source.branch } },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        interval: '10m',
        retryInterval: '1m',
        timeout: '5m',
        sourceRef: { kind: 'GitRepository', name: metadata.name },
        path: `./${source.path}`,
        prune: true,
        wait: true,
      },
    },
  ];
}
