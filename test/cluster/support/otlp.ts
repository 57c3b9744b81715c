import { Testing } from 'cdk8s';
import { dump } from 'js-yaml';
import { MonitoringChart } from '../../../charts/monitoring/collector';
import { namespaceOf } from '../../../charts/names';
import type { Config } from '../../../config';
import { eventually } from './eventually';
import { config, kubectl, type Pod } from './kubectl';
import { RECEIVER_PORT, readSummary, receiverFiles, receiverSpec, type Summary } from './otlp-receiver';

const NAME = 'otlp-trial';
const RECEIVER = `${NAME}-receiver`;
const LABEL = 'threewall.dev/trial';
const NAMESPACE = namespaceOf('monitoring', config);

const metadata = (name: string, part = NAME) => ({ name, namespace: NAMESPACE, labels: { [LABEL]: part } });
const apply = (objects: readonly object[]): Promise<string> =>
  kubectl(['apply', '-f', '-'], { input: objects.map((object) => dump(object, { noRefs: true })).join('---\n') });

/**
 * An OTLP monitoring service, and collectors beside the site's own that ship to it: those of a site with
 * that service, taken out of their DaemonSet. They have the labels of the tier, so the firewalls admit them as
 * collectors; an owner that is no workload and an unset readiness gate keep them apart from the site's.
 */
export const otlpTrial = {
  /** @param nodes where collectors run, one on each */
  async start(nodes: readonly string[]): Promise<void> {
    await otlpTrial.remove();
    const files = { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(RECEIVER), data: receiverFiles() };
    const receiver = { apiVersion: 'v1', kind: 'Pod', metadata: metadata(RECEIVER, RECEIVER) };
    await apply([files, ...ways, { ...receiver, spec: receiverSpec(RECEIVER) }]);
    const address = await running(RECEIVER);
    const owner = await kubectl(['get', 'configmap', RECEIVER, '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}']);
    await apply(collectors(nodes, `http://${address}:${RECEIVER_PORT}`, owner));
    await Promise.all(nodes.map((_, index) => running(`${NAME}-${index}`)));
  },

  /** Data that the service has received so far. */
  async got(): Promise<Summary> {
    return JSON.parse(await kubectl(['exec', RECEIVER, '-n', NAMESPACE, ...readSummary])) as Summary;
  },

  /** Removes everything that `start` made. */
  async remove(): Promise<void> {
    const of = ['-l', `${LABEL} in (${NAME}, ${RECEIVER})`, '-n', NAMESPACE, '--ignore-not-found'];
    await kubectl(['delete', 'pods', ...of, '--grace-period=0', '--force', '--wait=true']);
    await kubectl(['delete', 'networkpolicies,configmaps', ...of]);
  },
};

/** Policies are additive: these open a connection that the whiteboard lacks, only to the trial's collectors. */
const ways = (() => {
  const [from, to] = [NAME, RECEIVER].map((part) => ({ podSelector: { matchLabels: { [LABEL]: part } } }));
  const ports = [{ protocol: 'TCP', port: RECEIVER_PORT }];
  const policy = (name: string, spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(name),
    spec,
  });
  return [
    policy(`${NAME}-out`, { ...from, policyTypes: ['Egress'], egress: [{ to: [to], ports }] }),
    policy(`${NAME}-in`, { ...to, policyTypes: ['Ingress'], ingress: [{ from: [from], ports }] }),
  ];
})();

/** The configuration of the site if it shipped to the trial's service; no header, so it needs no Secret of its own. */
const shippingTo = (endpoint: string): Config => ({
  ...config,
  monitoring: {
    ...config.monitoring,
    intervalSeconds: 5,
    services: [{ type: 'otlp', endpoint, protocol: 'http', headers: [], port: RECEIVER_PORT }],
  },
});

function collectors(nodes: readonly string[], endpoint: string, uid: string): object[] {
  const manifests = Testing.synth(new MonitoringChart(Testing.app(), shippingTo(endpoint)));
  const of = (kind: string) => manifests.find((manifest) => manifest.kind === kind);
  const files = of('ConfigMap');
  const { template } = of('DaemonSet').spec;
  return [
    { ...files, metadata: metadata(files.metadata.name) },
    ...nodes.map((nodeName, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...metadata(`${NAME}-${index}`),
        labels: { ...template.metadata.labels, [LABEL]: NAME },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: RECEIVER, uid, controller: true }],
      },
      spec: {
        ...template.spec,
        nodeName,
        terminationGracePeriodSeconds: 0,
        readinessGates: [{ conditionType: 'threewall.dev/never' }],
      },
    })),
  ];
}

/** Waits for the containers of a pod. @returns its address */
const running = (name: string): Promise<string> =>
  eventually(`${name} runs`, 60, async () => {
    const pod = JSON.parse(await kubectl(['get', 'pod', name, '-n', NAMESPACE, '-o', 'json'])) as Pod;
    const runs = pod.status.conditions?.some((c) => c.type === 'ContainersReady' && c.status === 'True');
    return runs ? pod.status.podIP : undefined;
  });
