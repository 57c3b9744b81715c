import { servesImage } from '../config/app-facts';
import { everyObject, type Node, nameOf, type Rule } from './rule';

/** What a person would miss: the data itself, and what takes data with it when it goes. */
const KEEPS = ['Namespace', 'PersistentVolumeClaim', 'PersistentVolume', 'Secret'];

const first = (manifests: Node[], kind: string): Node => manifests.find((object) => object.kind === kind);

/** The options of an annotation, which are separated by commas. */
const options = ({ metadata }: Node, annotation: string): string[] =>
  (metadata.annotations?.[annotation] ?? '').split(',').map((option: string) => option.trim());

const SYNC = 'argocd.argoproj.io/sync-options';
const COMPARE = 'argocd.argoproj.io/compare-options';
const FLUX = 'kustomize.toolkit.fluxcd.io/prune';

/** A ConfigMap that is named after its content. */
const isFile = ({ kind, immutable }: Node): boolean => kind === 'ConfigMap' && immutable === true;

/** Why a commit that leaves the object out would delete it, or show a difference for as long as it is kept. */
const notKept = (object: Node, wanted: readonly string[]): (string | false)[] => [
  ...wanted.map((option) => !options(object, SYNC).includes(option) && `no ${option}`),
  !options(object, COMPARE).includes('IgnoreExtraneous') && 'OutOfSync for as long as it is kept',
  object.metadata.annotations?.[FLUX] !== 'disabled' && 'Flux prunes it',
];

/** What must be true of objects that Argo CD or Flux may apply and delete. */
export const gitOpsRules: readonly Rule[] = [
  everyObject(
    'namespaces are in the first sync wave, firewalls in the next, and all the rest in the last: no tier waits for another, but the app for what must be done before it',
    ({ kind, metadata }, { config: { app } }) => {
      const wave = (metadata as Node).annotations?.['argocd.argoproj.io/sync-wave'];
      const gates = [...(app.release ? ['25'] : []), ...(servesImage(app) ? ['27'] : [])];
      const last = gates.length > 0 ? ['20', ...gates, '30'] : ['20'];
      const right = kind === 'Namespace' ? ['0'] : kind.endsWith('NetworkPolicy') ? ['10'] : last;
      return !right.includes(wave) && `sync wave ${wave}`;
    },
    (manifests) => {
      first(manifests, 'NetworkPolicy').metadata.annotations['argocd.argoproj.io/sync-wave'] = '20';
    },
  ),
  everyObject(
    'a file of an earlier version stays: a pod or a Job of that version may start again',
    (object) => isFile(object) && notKept(object, ['Prune=false']),
    (manifests) => delete first(manifests, 'ConfigMap').metadata.annotations[SYNC],
  ),
  everyObject(
    'a rollout that hangs is called so after minutes, by Deployments that Argo CD asks',
    ({ kind, spec }) =>
      kind === 'Deployment' &&
      !(spec.progressDeadlineSeconds <= 300) &&
      `waits ${spec.progressDeadlineSeconds ?? 600} s`,
    (manifests) => delete first(manifests, 'Deployment').spec.progressDeadlineSeconds,
  ),
  everyObject(
    'neither Argo CD nor Flux deletes what holds data, when a commit leaves it out or the whole site goes',
    (object) => KEEPS.includes(object.kind) && notKept(object, ['Prune=false', 'Delete=false']),
    (manifests) => {
      first(manifests, 'PersistentVolumeClaim').metadata.annotations[SYNC] = 'Prune=false';
    },
  ),
  everyObject(
    'nothing else is kept from them: firewalls and workloads of an earlier version go, and files with the site',
    (object) =>
      !KEEPS.includes(object.kind) && [
        options(object, SYNC).some((option) => (isFile(object) ? /^Delete=/ : /^(Prune|Delete)=/).test(option)) &&
          'is never deleted',
        !isFile(object) && (object.metadata as Node).annotations?.[FLUX] !== undefined && 'Flux never prunes it',
      ],
    (manifests) => {
      first(manifests, 'NetworkPolicy').metadata.annotations[SYNC] = 'Prune=false';
    },
  ),
  everyObject(
    "a StatefulSet's claims stay when it goes and when it shrinks",
    (object) => {
      if (object.kind !== 'StatefulSet') return [];
      const { whenDeleted, whenScaled } = object.spec.persistentVolumeClaimRetentionPolicy ?? {};
      return [whenDeleted !== 'Retain' && 'deleted with it', whenScaled !== 'Retain' && 'deleted when it shrinks'];
    },
    (manifests) => {
      first(manifests, 'StatefulSet').spec.persistentVolumeClaimRetentionPolicy.whenScaled = 'Delete';
    },
  ),
  {
    // with Argo CD's label tracking, claims that bear another owner's label would be that owner's to prune
    says: "no label of Argo CD's or Flux's own reaches an object or a claim",
    faults: ({ manifests }) =>
      manifests
        .filter((object) =>
          /"(argocd\.argoproj\.io\/instance|kustomize\.toolkit\.fluxcd\.io\/name)"/.test(JSON.stringify(object)),
        )
        .map((object) => `${nameOf(object)}: bears one`),
    spoil: (manifests) => {
      const [template] = first(manifests, 'StatefulSet').spec.volumeClaimTemplates;
      template.metadata.labels = { 'argocd.argoproj.io/instance': 'shop' };
    },
  },
];
