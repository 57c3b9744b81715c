import type { TierName } from '../charts/topology';
import { annotations, labels } from '../config/kubernetes-names';
import { nearest } from '../config/nearest';
import * as k8s from '../imports/k8s';
import type { Extension } from './extension';

const FIELDS = {
  containers: true,
  initContainers: true,
  volumes: true,
  volumeMounts: true,
  env: true,
  labels: true,
  annotations: true,
  podSpec: true,
} satisfies Record<keyof Extension, true>;

/** Whether the generated class writes a field of a pod: it drops others silently, `hostPID` for its `hostPid` among them. */
const isOfPodSpec = (field: string, value: unknown): boolean =>
  Object.keys(k8s.toJson_PodSpec({ [field]: value, containers: [] } as unknown as k8s.PodSpec) ?? {}).some(
    (written) => written.toLowerCase() === field.toLowerCase() && field !== 'containers',
  );

/** What no type has checked, one line each: fields that there are not, and values that no pod takes. */
export function shapeFaults(tier: TierName, extension: Extension): string[] {
  if (typeof extension !== 'object' || extension === null)
    return [`${tier}: must be extended by an object, got ${extension}`];
  return [
    ...Object.keys(extension)
      .filter((field) => !(field in FIELDS))
      .map((field) => `${field}: unknown field${meant(field)}`),
    ...Object.entries(extension.podSpec ?? {})
      .filter(([field, value]) => value !== undefined && !isOfPodSpec(field, value))
      .map(([field]) => `podSpec.${field}: unknown field; its name is that of PodSpec of cdk8s`),
    ...(['containers', 'initContainers'] as const).flatMap((list) =>
      (extension[list] ?? []).flatMap(({ name, image, resources }, i) =>
        Object.entries({
          name,
          image,
          'resources.requests': resources?.requests,
          'resources.limits': resources?.limits,
        })
          .filter(([, value]) => !value)
          .map(([field]) => `${list}[${i}].${field}: is required`),
      ),
    ),
    ...Object.entries(extension.env ?? {})
      .filter(([, value]) => typeof value !== 'string')
      .map(([name, value]) => `env.${name}: must be text, got ${JSON.stringify(value)}`),
    ...metadataFaults(extension),
  ].map((fault) => `${tier}: ${fault}`);
}

function meant(field: string): string {
  const near = nearest(field, Object.keys(FIELDS));
  return near ? `, did you mean "${near}"?` : `, known here: ${Object.keys(FIELDS).join(', ')}`;
}

function metadataFaults(extension: Extension): string[] {
  const refused = Object.keys(extension.labels ?? {}).filter((key) => key.startsWith('app.kubernetes.io/'));
  const malformed = Object.entries({ labels, annotations }).flatMap(([field, schema]) => {
    const { error } = schema.safeParse(extension[field as 'labels' | 'annotations'] ?? {});
    return (error?.issues ?? []).map((issue) => {
      const { message } = issue.code === 'invalid_key' ? (issue.issues[0] ?? issue) : issue;
      return `${[field, ...issue.path].join('.')}: ${message}`;
    });
  });
  return [...refused.map((key) => `labels: must not be of app.kubernetes.io/, got "${key}"`), ...malformed];
}
