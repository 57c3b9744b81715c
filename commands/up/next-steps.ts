import { setTimeout as sleep } from 'node:timers/promises';
import { namespaceOf } from '../../charts/names';
import { port, runsPrometheus } from '../../charts/topology';
import type { Config } from '../../config';
import { get } from '../cluster/kubectl';
import type { Secrets } from '../secrets/ensure';

/** An address of the load balancer's Service. */
export interface Ingress {
  readonly ip?: string;
  readonly hostname?: string;
}

/** Seconds to wait for the address: cloud load balancers take a minute, usually less than the tiers. */
const ADDRESS_WAIT_MS = 15_000;

/** The load balancer's address, or undefined if its Service is of a type that has none, or gets none in time. */
export async function loadBalancerAddress(config: Config): Promise<Ingress | undefined> {
  if (config.loadBalancer.service.type !== 'LoadBalancer') return undefined;
  const deadline = Date.now() + ADDRESS_WAIT_MS;
  for (;;) {
    const service = await get<{ status: { loadBalancer?: { ingress?: Ingress[] } } }>(
      'service',
      'load-balancer',
      namespaceOf('load-balancer', config),
    );
    const ingress = service?.status.loadBalancer?.ingress?.[0];
    if (ingress || !service || Date.now() > deadline) return ingress;
    await sleep(2000);
  }
}

/** How to reach the site, with commands to paste. */
export function directions(config: Config, ingress: Ingress | undefined, secrets: Secrets): string {
  const site = namespaceOf('load-balancer', config);
  const { domain } = config;
  const own = secrets.get('site')?.['ca.crt'] !== undefined;
  const ca = own
    ? [
        `kubectl get secret ${config.secrets.siteTls} -n ${site} -o 'jsonpath={.data.ca\\.crt}' | base64 -d > ${config.name}-ca.crt`,
      ]
    : [];
  const curl = (where: string): string =>
    `curl ${own ? `--cacert ${config.name}-ca.crt ` : ''}${where} https://${domain}/`;
  const address = ingress?.ip ?? ingress?.hostname;
  const steps = address
    ? [...ca, curl(ingress?.ip ? `--resolve ${domain}:443:${address}` : `--connect-to ${domain}:443:${address}:443`)]
    : [
        `kubectl port-forward -n ${site} service/load-balancer 8443:443 &`,
        ...ca,
        curl(`--connect-to ${domain}:443:127.0.0.1:8443`),
      ];
  return [
    '',
    `${config.name} is up: https://${domain}/`,
    address
      ? `The load balancer's address is ${address}: let ${domain} point there. To try it now:`
      : `${withoutAddress(config)} To try it from here, past the load balancer's Service:`,
    ...steps.map((step) => `  ${step}`),
    ...(runsPrometheus(config.monitoring)
      ? [
          `Prometheus, at http://localhost:${port('monitoring-service', 'http')}:`,
          `  kubectl port-forward -n ${namespaceOf('monitoring-service', config)} service/monitoring-service ${port('monitoring-service', 'http')}`,
        ]
      : []),
  ].join('\n');
}

/** Who leads visitors to a Service that has no address. */
function withoutAddress({ domain, name, loadBalancer: { service } }: Config): string {
  const { type, nodePorts } = service;
  if (type === 'LoadBalancer') return 'The cluster has given the Service load-balancer no address yet.';
  const ports = nodePorts
    ? `ports ${nodePorts.https} (https) and ${nodePorts.http} (http) of the nodes`
    : `the ports of the nodes that \`kubectl get service load-balancer -n ${name}\` names`;
  const where = type === 'NodePort' ? ports : `the Service load-balancer of the namespace ${name}`;
  return `What stands in front must lead ${domain} to ${where}, with TLS unopened.`;
}
