import { dump } from 'js-yaml';
import { config } from './kubectl';

/** Resource attributes or attributes of a record. */
type Attributes = Readonly<Record<string, string>>;

/** A log record that bears an id. */
export interface Line {
  readonly resource: Attributes;
  readonly attributes: Attributes;
  readonly body: string;
  /** Trace id, empty without one. */
  readonly trace: string;
}

/** Received data: metrics by their subject, and the newest log records with an id. */
export interface Summary {
  readonly metrics: readonly { readonly resource: Attributes; readonly names: readonly string[] }[];
  readonly lines: readonly Line[];
}

/** Where it listens. */
export const RECEIVER_PORT = 4318;

const CONF = '/etc/receiver';
const FILE = '/data/telemetry.json';

/** An OTLP service that writes each request to a file as a JSON object. */
export const receiverFiles = (): Record<string, string> => ({
  'receiver.yaml': dump({
    receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${RECEIVER_PORT}` } } } },
    exporters: { file: { path: FILE } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        metrics: { receivers: ['otlp'], exporters: ['file'] },
        logs: { receivers: ['otlp'], exporters: ['file'] },
      },
    },
  }),
});

/** Prints a Summary. The last line may not be complete. */
const SUMMARIZE = `
const summary = { metrics: new Map(), lines: [] };
const values = (list = []) => Object.fromEntries(list.map(({ key, value }) => [key, String(Object.values(value)[0])]));
for (const line of require('fs').readFileSync('${FILE}', 'utf8').split('\\n')) {
  let request;
  try { request = JSON.parse(line); } catch { continue; }
  for (const { resource, scopeMetrics } of request.resourceMetrics ?? []) {
    const key = JSON.stringify(values(resource.attributes));
    const names = summary.metrics.get(key) ?? new Set();
    for (const { metrics } of scopeMetrics) for (const { name } of metrics) names.add(name);
    summary.metrics.set(key, names);
  }
  for (const { resource, scopeLogs } of request.resourceLogs ?? []) {
    for (const { logRecords } of scopeLogs) for (const { body, traceId, attributes } of logRecords) {
      const own = values(attributes);
      if (own.request_id || own.connection_id)
        summary.lines.push({ resource: values(resource.attributes), attributes: own, body: body.stringValue, trace: traceId ?? '' });
    }
  }
}
console.log(JSON.stringify({
  metrics: [...summary.metrics].map(([key, names]) => ({ resource: JSON.parse(key), names: [...names] })),
  lines: summary.lines.slice(-500),
}));`;

/** How what came is read: in the container that has a shell's tools, which the collector's image lacks. */
export const readSummary = ['-c', 'reader', '--', 'node', '-e', SUMMARIZE];

const hardened = {
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  imagePullPolicy: config.imagePullPolicy,
  resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
};

/** The pod of the service. @param files the ConfigMap of `receiverFiles` */
export const receiverSpec = (files: string): object => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 0,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 10199,
    runAsGroup: 10199,
    fsGroup: 10199,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  containers: [
    {
      ...hardened,
      name: 'receiver',
      image: config.images.collector,
      args: [`--config=${CONF}/receiver.yaml`],
      readinessProbe: { tcpSocket: { port: RECEIVER_PORT }, periodSeconds: 1 },
      volumeMounts: [
        { name: 'conf', mountPath: CONF, readOnly: true },
        { name: 'data', mountPath: '/data' },
      ],
    },
    {
      ...hardened,
      name: 'reader',
      image: config.images.node,
      command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
      volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
    },
  ],
  volumes: [
    { name: 'conf', configMap: { name: files } },
    { name: 'data', emptyDir: { sizeLimit: '256Mi' } },
  ],
});
