import { bytes } from '../../../config/fields';
import { namespacesOf } from '../../../config/namespaces';
import type { Config } from '../../../config/schema';
import { type TierName, tiers } from '../../topology';
import { environmentOf, fromEnv } from './places';
import type { Piece } from './receivers';
import { sumoFields } from './sumo-fields';

const MIB = 2 ** 20;

/** Every processor; the pipelines define their order. */
export function processors(config: Config, logs: boolean): Piece {
  const memory = bytes(config.monitoring.resources.limits.memory) / MIB;
  return {
    // refuses data above 80 %; below that, GOMEMLIMIT already makes Go collect garbage constantly
    memory_limiter: {
      check_interval: '1s',
      limit_mib: Math.floor(memory * 0.9),
      spike_limit_mib: Math.floor(memory * 0.1),
    },
    'filter/site': { error_mode: 'propagate', metrics: { metric: [notOfTheSite(config)] } },
    'resource/node': {
      attributes: [
        { key: 'service.name', value: 'node', action: 'insert' },
        { key: 'sumo.datasource', value: 'linux', action: 'insert' },
        { key: 'os.type', value: 'linux', action: 'insert' },
      ],
    },
    resource: {
      attributes: [
        { key: 'deployment.environment', value: environmentOf(config), action: 'upsert' },
        { key: 'k8s.node.name', value: fromEnv('K8S_NODE_NAME'), action: 'upsert' },
        { key: 'host.name', value: fromEnv('K8S_NODE_NAME'), action: 'upsert' },
        // the subject: the pod, otherwise the node
        { key: 'service.instance.id', value: fromEnv('K8S_NODE_NAME'), action: 'upsert' },
        { key: 'service.instance.id', from_attribute: 'k8s.pod.name', action: 'upsert' },
      ],
    },
    ...(logs ? { 'transform/logs': { error_mode: 'ignore', log_statements: logStatements(config) } } : {}),
    batch: { timeout: '1s', send_batch_size: 2000, send_batch_max_size: 4000 },
  };
}

/** The kubelet reports every pod of the node; pods of other namespaces do not belong to this site. */
const notOfTheSite = (config: Config): string => {
  const namespace = 'resource.attributes["k8s.namespace.name"]';
  const own = namespacesOf(config);
  return [`${namespace} != nil`, ...own.map((name) => `${namespace} != "${name}"`)].join(' and ');
};

/**
 * Metrics get these attributes where they are collected; logs get them by the container's name, which is the tier's.
 */
function logStatements(config: Config): Piece[] {
  const container = 'resource.attributes["k8s.container.name"]';
  const byTier = (Object.keys(tiers) as TierName[]).flatMap((tier) =>
    Object.entries(sumoFields(tier, config, 'POD')).map(
      ([field, value]) =>
        `set(resource.attributes["${field}"], ${value === 'POD' ? 'resource.attributes["k8s.pod.name"]' : `"${value}"`}) where ${container} == "${tier}"`,
    ),
  );
  return [
    { context: 'resource', statements: [`set(resource.attributes["service.name"], ${container})`, ...byTier] },
    // already given by namespace, pod and container, and repeated in every line
    { context: 'log', statements: ['delete_key(log.attributes, "log.file.path")'] },
    // a line that starts like JSON and is none is not an error: stay quiet
    { context: 'log', error_mode: 'silent', statements: IDS },
  ];
}

/**
 * Ids in a line become fields of its record, so that a service finds them without a parser; the line stays
 * unchanged. A request's id has the format of a trace id, for which services have a view.
 * @see docs/decisions/request-ids.md
 */
const IDS = [
  'set(log.cache["line"], ParseJSON(log.body)) where IsString(log.body) and HasPrefix(log.body, "{")',
  ...['request_id', 'connection_id'].map(
    (id) => `set(log.attributes["${id}"], log.cache["line"]["${id}"]) where IsMatch(log.cache["line"]["${id}"], ".")`,
  ),
  'set(log.trace_id.string, log.attributes["request_id"]) where IsMatch(log.attributes["request_id"], "^[0-9a-f]{32}$")',
];
