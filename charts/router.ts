import type { Config, Resources } from '../config/schema';
import { sizesOf } from '../config/sizes';
import { type ContainerProps, containerPorts, httpProbe } from './pod';
import { port, type TierName } from './topology';

/** The variable part of a router; the rest is the same beside apps and databases. */
export interface RouterProps {
  readonly tier: TierName;
  readonly config: Config;
  readonly resources: Resources;
  /** Names of its ports in the topology. */
  readonly ports: readonly string[];
  /** The port that answers `/healthz`. */
  readonly healthPort: string;
  /**
   * Path that must answer before the other containers start, for up to ten minutes. @default - the router's own health
   */
  readonly startPath?: string;
  /** Mount with `router.cfg`. */
  readonly folder: string;
  readonly volumeMounts: ContainerProps['volumeMounts'];
  /** @default - none: the pod's main container decides readiness */
  readonly readinessProbe?: ContainerProps['readinessProbe'];
}

/**
 * An HAProxy beside a server: a native sidecar that starts before it and ends after it.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export const routerSidecar = (props: RouterProps): ContainerProps => ({
  name: 'router',
  image: props.config.images.haproxy,
  restartPolicy: 'Always',
  command: ['haproxy', '-db', '-f', `${props.folder}/router.cfg`],
  resources: props.resources,
  ports: containerPorts(props.tier, props.config, props.ports),
  volumeMounts: props.volumeMounts,
  startupProbe: httpProbe(props.startPath ?? '/healthz', props.healthPort, {
    periodSeconds: 1,
    failureThreshold: props.startPath ? 600 : 60,
  }),
  // a node without a free core must not end the sessions of all apps
  livenessProbe: httpProbe('/healthz', props.healthPort, { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
  ...(props.readinessProbe ? { readinessProbe: props.readinessProbe } : {}),
});

/** Begins a router's haproxy.cfg. */
export const globalSection = ({ database }: Config): string => `global
  log stdout format raw local0 notice
  nbthread 1
  # counts both sides of each session
  maxconn ${2 * sizesOf(database).connections}
  hard-stop-after 5s
`;

/** Begins its section `defaults`. */
export const DEFAULTS = `defaults
  mode tcp
  log global
  option clitcpka
  option srvtcpka
`;

/**
 * Another server is tried within the second that a client waits; a session may idle as long as MySQL's wait_timeout.
 */
export const TIMEOUTS = `  timeout connect 500ms
  timeout client 8h
  timeout server 8h
  timeout queue 1s
`;

/** Addresses of the databases: routing must survive a failing DNS. */
export const RESOLVERS = `resolvers cluster
  parse-resolv-conf
  accepted_payload_size 8192
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
  # an address missing in the DNS answer is gone: the pod has a new one
  hold obsolete 0s
  hold nx 24h
  hold timeout 24h
  hold refused 24h
  hold other 24h
`;

/** Settings of every server that a router connects to. */
export const SERVER = 'on-marked-down shutdown-sessions resolvers cluster resolve-prefer ipv4 init-addr none';

/**
 * The frontend that reports that the router itself is alive.
 * @param more further lines, indented
 */
export const healthFrontend = (name: string, tier: TierName, portName: string, more = ''): string => `frontend ${name}
  mode http
  bind :${port(tier, portName)}
  timeout client 10s
  timeout http-request 5s
  no log
  monitor-uri /healthz
${more}`;
