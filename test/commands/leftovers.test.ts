import type { PodStatus } from '../../commands/cluster/diagnosis';
import { type CronJob, type Job, stuckOf, unusedOf } from '../../commands/cluster/leftovers';
import { environments } from '../support/manifests';

const manifests = environments().flatMap((one) => one.manifests);

describe('a file of an earlier version', () => {
  const file = (name: string, immutable = true) => ({ metadata: { name }, immutable });
  const uses = (kind: string, volume: object): string =>
    JSON.stringify({ items: [{ kind, spec: { template: { spec: { volumes: [volume] } } } }] });
  const unused = (users: string, current: readonly string[] = []): string[] =>
    unusedOf([file('backup-old'), file('backup-new'), file('notes', false)], users, new Set(current));

  test.each([
    ['a Job whose second try comes later', uses('Job', { configMap: { name: 'backup-old' } })],
    ['the ReplicaSet of a rollout that hangs', uses('ReplicaSet', { configMap: { name: 'backup-old' } })],
    ['a projected volume', uses('Pod', { projected: { sources: [{ configMap: { name: 'backup-old' } }] } })],
  ])('stays for %s', (_, users) => expect(unused(users, ['backup-new'])).toEqual([]));

  test('goes when nothing refers to it, and one that is no file of the site never', () => {
    expect(unused('{"items":[]}', ['backup-new'])).toEqual(['backup-old']);
  });

  test('is not taken for one whose name only begins alike', () => {
    expect(unused(uses('Job', { configMap: { name: 'backup-old-2' } }), ['backup-new'])).toEqual(['backup-old']);
  });
});

describe('a Job that waits for an image', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the inside of any object
  const [found] = manifests.filter(({ kind }) => kind === 'CronJob') as any[];
  const cronJob: CronJob = { ...found, metadata: { ...found.metadata, uid: 'c1' } };
  /** A Job of that CronJob, made when its images were `tag`. */
  const job = (tag: string, owner = 'c1'): Job => {
    const { template } = structuredClone(cronJob.spec.jobTemplate.spec);
    for (const container of [...(template.spec.initContainers ?? []), ...template.spec.containers]) {
      Object.assign(container, { image: container.image.replace(/:[^:]*$/, tag) });
    }
    return { metadata: { name: 'backup-1', ownerReferences: [{ uid: owner, controller: true }] }, spec: { template } };
  };
  const pod = (reason: string, phase = 'Pending', of = 'backup-1'): PodStatus => ({
    metadata: {
      name: `${of}-x`,
      labels: { 'batch.kubernetes.io/job-name': of },
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    status: {
      phase,
      initContainerStatuses: [{ name: 'clone', image: 'mysql:0', restartCount: 0, state: { waiting: { reason } } }],
    },
  });
  const now: Job = { ...job(':0'), spec: { template: cronJob.spec.jobTemplate.spec.template } };

  test.each([
    ['goes when its CronJob has another one', job(':0.0.0-none'), pod('ImagePullBackOff'), ['backup-1']],
    ['stays while its CronJob has the same: the registry may come back', now, pod('ErrImagePull'), []],
    ['stays when it only begins', job(':0.0.0-none'), pod('ContainerCreating'), []],
    ['stays when another CronJob made it', job(':0.0.0-none', 'c2'), pod('ImagePullBackOff'), []],
    ['stays when it runs', job(':0.0.0-none'), pod('ImagePullBackOff', 'Running'), []],
    ['stays when another Job waits', job(':0.0.0-none'), pod('ImagePullBackOff', 'Pending', 'backup-2'), []],
  ])('%s', (_, one, its, names) => expect(stuckOf([one], [cronJob], [its])).toEqual(names));
});

test('what the charts make can be found so: Jobs and their pods bear the labels of the site', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the inside of any object
  for (const { metadata, spec } of manifests.filter(({ kind }) => kind === 'CronJob') as any[]) {
    const { template, ...own } = { ...spec.jobTemplate, ...spec.jobTemplate.spec };
    for (const { labels } of [own.metadata, template.metadata]) {
      expect(labels).toMatchObject({
        'app.kubernetes.io/part-of': metadata.labels['app.kubernetes.io/part-of'],
        'app.kubernetes.io/managed-by': 'threewall',
      });
    }
  }
});
