import { readFileSync } from 'node:fs';
import { namespaceOf } from '../../../charts/names';
import { port } from '../../../charts/topology';
import { get } from '../../../commands/cluster/kubectl';
import { type Certificate, selfSigned } from '../../../commands/secrets/certificates';
import type { Config } from '../../../config';
import { applyTier } from './apply';
import { config, kubectl } from './kubectl';
import { FILES_PATH, type Program, removeProgram, startProgram } from './program';

const NAME = 'adapter';
const NAMESPACE = `${config.name}-adapter`;
const PORT = 6443;
const PROMETHEUS = 'monitoring-service';
const API = 'v1beta1.custom.metrics.k8s.io';
/** The documentation whose rule is used verbatim. */
const DOCUMENT = 'docs/decisions/scaling.md';

/**
 * Serves requests per second and pod over the custom metrics API, from this site's Prometheus, with the rule of
 * docs/decisions/scaling.md. The binary comes from this machine: `CGO_ENABLED=0 go install
 * sigs.k8s.io/prometheus-adapter/cmd/adapter@v0.12.0`.
 * @param binary path of `adapter`
 * @see https://github.com/kubernetes-sigs/prometheus-adapter/tree/v0.12.0/deploy
 */
export async function startAdapter(binary: string): Promise<void> {
  const served = await servedFrom();
  if (served !== undefined && served !== NAMESPACE) {
    throw new Error(`${API} is served from the namespace ${served} already, and a cluster has it once`);
  }
  await removeAdapter();
  const certificate = await selfSigned([`${NAME}.${NAMESPACE}.svc`]);
  await applyTier('internal-firewall', withReader(config));
  await apply(permissions);
  await startProgram(program(binary, certificate));
  await apply([registration(certificate)]);
  await kubectl(['wait', `apiservice/${API}`, '--for=condition=Available', '--timeout=60s'], { seconds: 70 });
}

/**
 * Deletes everything that `startAdapter` created and resets the firewall to its configuration. The registration
 * is deleted first: no namespace of the cluster could be deleted while an API is registered without a server.
 * @see https://github.com/kubernetes/kubernetes/issues/75788
 */
export async function removeAdapter(): Promise<void> {
  if ((await servedFrom()) === NAMESPACE) await kubectl(['delete', 'apiservice', API]);
  await applyTier('internal-firewall', config);
  for (const { kind, metadata } of permissions) {
    const where = metadata.namespace ? ['-n', metadata.namespace] : [];
    await kubectl(['delete', kind, metadata.name, ...where, '--ignore-not-found']);
  }
  await removeProgram(NAMESPACE);
}

/** Namespace of the server that the cluster asks for custom metrics, undefined without one. */
const servedFrom = async (): Promise<string | undefined> =>
  (await get<{ spec: { service?: { namespace: string } } }>('apiservice', API))?.spec.service?.namespace;

/** Requests per second of each pod of the site, as an autoscaler reads them. */
export async function servedRates(): Promise<Map<string, number>> {
  const path = `/apis/custom.metrics.k8s.io/v1beta1/namespaces/${config.name}/pods/*/requests_per_second`;
  const { items } = JSON.parse(await kubectl(['get', '--raw', path])) as {
    items: readonly { describedObject: { name: string }; value: string }[];
  };
  return new Map(items.map(({ describedObject, value }) => [describedObject.name, thousandths(value)]));
}

/** Rates come as whole numbers or as thousandths: "80" or "79983m". */
const thousandths = (value: string): number =>
  value.endsWith('m') ? Number(value.slice(0, -1)) / 1000 : Number(value);

function rules(): string {
  const found = /^```yaml\n(rules:\n.*?)^```$/ms.exec(readFileSync(DOCUMENT, 'utf8'))?.[1];
  if (!found) throw new Error(`${DOCUMENT} has no rules for prometheus-adapter`);
  return found;
}

const program = (binary: string, { certificate, key }: Certificate): Program => ({
  name: NAME,
  namespace: NAMESPACE,
  binary,
  script: `exec "$PROGRAM" ${[
    `--config=${FILES_PATH}/rules.yaml`,
    `--prometheus-url=http://${PROMETHEUS}.${namespaceOf(PROMETHEUS, config)}.svc:${port(PROMETHEUS, 'http')}/`,
    // a metric is there when it had a sample in such a time: longer than between two collections
    `--metrics-relist-interval=${Math.max(30, 3 * config.monitoring.intervalSeconds)}s`,
    `--secure-port=${PORT}`,
    `--tls-cert-file=${FILES_PATH}/tls.crt`,
    `--tls-private-key-file=${FILES_PATH}/tls.key`,
  ].join(' ')}`,
  port: PORT,
  files: { 'rules.yaml': rules(), 'tls.crt': certificate, 'tls.key': key },
  account: NAME,
});

const registration = ({ ca }: Certificate) => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: API },
  spec: {
    group: 'custom.metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { name: NAME, namespace: NAMESPACE, port: PORT },
    caBundle: Buffer.from(ca).toString('base64'),
  },
});

/** The configuration with the adapter among the readers of Prometheus. */
const withReader = ({ monitoring, ...others }: Config): Config => ({
  ...others,
  monitoring: {
    ...monitoring,
    services: monitoring.services.map((service) =>
      service.type === 'prometheus' ? { ...service, readers: [...service.readers, NAMESPACE] } : service,
    ),
  },
});

const RBAC = 'rbac.authorization.k8s.io';
const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
const role = (kind: string, name: string) => ({ apiGroup: RBAC, kind, name });

/**
 * Any server behind the API server asks it who calls and what they may; this one asks for the pods of a selector as well.
 * The autoscaler itself may read custom metrics in every cluster with RBAC.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
 */
const permissions = [
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: NAMESPACE },
    roleRef: role('ClusterRole', 'system:auth-delegator'),
    subjects,
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: NAMESPACE, namespace: 'kube-system' },
    roleRef: role('Role', 'extension-apiserver-authentication-reader'),
    subjects,
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: { name: NAMESPACE, namespace: config.name },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: NAMESPACE, namespace: config.name },
    roleRef: role('Role', NAMESPACE),
    subjects,
  },
];

const apply = (items: readonly object[]): Promise<string> =>
  kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
