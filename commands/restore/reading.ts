import { RESTORE } from '../../charts/backup';
import { keyVolume, PASSWD_MOUNT, type WithBackup } from '../../charts/backup/pods';
import { accessOf, accessVariables, secretKeys } from '../../charts/backup/store';
import { internet } from '../../charts/firewall/policies';
import { ClusterError, get, kubectl } from '../cluster/kubectl';
import { patiently } from '../cluster/patience';
import { jobLabel } from '../cluster/workloads';
import { UsageError } from '../command';
import { type Peer, peerInside } from '../import/source';
import { readSecret } from '../secrets/in-cluster';
import type { Change, Container, Template } from './change';
import type { BackedUp } from './source';

/** The Secret with the keys of that environment's store, in the namespace of the one that is restored. */
export const secretFor = ({ name }: BackedUp): string =>
  `backup-from-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.replace(/-$/, '');

/** @throws UsageError when the namespace lacks the keys of the source's store */
async function requireKeys(source: BackedUp, namespace: string): Promise<void> {
  const secret = secretFor(source);
  const keys = secretKeys(source.config.backup.store);
  const { name, secrets } = source.config;
  const copy = `copy the keys ${keys.join(', ')} of the Secret ${secrets.backup} in ${name} (docs/backups.md)`;
  const found = await readSecret(secret, namespace);
  if (!found) throw new UsageError(`--from: there is no Secret ${secret} in ${namespace}; ${copy}`);
  const missing = keys.filter((key) => !found.values[key]);
  if (missing.length > 0) {
    throw new UsageError(`--from: the Secret ${secret} in ${namespace} has no key ${missing.join(', ')}; ${copy}`);
  }
}

interface Conf {
  readonly name: string;
  readonly configMap?: { readonly name: string };
}

/** Scripts of an earlier version would read the own repository. @throws ClusterError when the namespace has these */
async function requireScripts(namespace: string): Promise<void> {
  const job = await get<{ spec: { jobTemplate: Template } }>('cronjob', RESTORE, namespace);
  const volumes: readonly Conf[] = job?.spec.jobTemplate.spec.template.spec.volumes ?? [];
  const name = volumes.find(({ name }) => name === 'conf')?.configMap?.name;
  const conf = name ? await get<{ data?: Record<string, string> }>('configmap', name, namespace) : undefined;
  if (!conf?.data?.['repository.sh']?.includes('FROM_REPOSITORY')) {
    throw new ClusterError(`${namespace} has no backups, or those of an earlier version; run \`npm run up\` first`);
  }
}

/**
 * What makes a Job read the source's repositories: their address and keys, and a way to their store for as long as the Job is
 * there. Nothing in it writes to a repository, and repository.sh refuses to with these variables.
 * @throws UsageError when the keys or the store are missing, ClusterError when the namespace has scripts that know nothing of this
 */
export async function readingFrom(source: BackedUp, target: WithBackup): Promise<Change> {
  await requireScripts(target.name);
  await requireKeys(source, target.name);
  const way = await wayTo(source, target);
  const { store } = source.config.backup;
  const variables = Object.entries(accessVariables(source.config)).map(([key, value]) => [`FROM_${key}`, value]);
  const key = keyVolume(store, secretFor(source));
  // of all containers, those that read repositories
  const withPasswd = (container: Container): Container => {
    const mounts = container.volumeMounts ?? [];
    const reads = mounts.some(({ name }) => name === key.name);
    const named = mounts.some(({ mountPath }) => mountPath === PASSWD_MOUNT.mountPath);
    return reads && !named ? { ...container, volumeMounts: [...mounts, PASSWD_MOUNT] } : container;
  };
  return {
    env: Object.fromEntries(variables),
    pod: (pod) => ({
      ...pod,
      volumes: pod.volumes?.map((volume) => (volume.name === key.name ? key : volume)),
      ...(store.type === 'sftp' && {
        containers: pod.containers.map(withPasswd),
        initContainers: pod.initContainers?.map(withPasswd),
      }),
    }),
    before: (job) => openWay(way, target.name, job),
  };
}

const ofStore = (error: Error): never => {
  throw error instanceof UsageError ? new UsageError(`--from: its store: ${error.message}`) : error;
};

/** Where the source's store is, as a NetworkPolicy of the target has it. */
async function wayTo({ config }: BackedUp, target: WithBackup): Promise<Peer> {
  const { store } = config.backup;
  if (store.type === 'claim') throw new Error('a claim is no server');
  const { port, addresses } = store;
  const host = store.type === 'sftp' ? store.host : /:\/\/(?:[^/@]*@)?([^/:]+)/.exec(accessOf(store).repository)?.[1];
  const inside = host && !addresses ? await peerInside(host, port).catch(ofStore) : undefined;
  return inside ?? { to: [addresses ? { ipBlock: { cidr: addresses } } : internet(target)], ports: [port] };
}

/** Lets a Job's pod reach the source's store, as long as the Job is there. */
async function openWay({ to, ports }: Peer, namespace: string, job: string): Promise<void> {
  const owner = await patiently(() => get<{ metadata: { uid: string } }>('job', job, namespace));
  if (!owner) return;
  const { uid } = owner.metadata;
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      // that of a Job of the same name before it may be about to be removed
      name: `${job}-${uid.slice(0, 8)}`,
      namespace,
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: job, uid }],
    },
    spec: {
      podSelector: { matchLabels: jobLabel(job) },
      policyTypes: ['Egress'],
      egress: [{ to, ports: ports.map((number) => ({ port: number, protocol: 'TCP' })) }],
    },
  };
  await patiently(() => kubectl(['apply', '-f', '-'], { input: JSON.stringify(policy) }));
}
