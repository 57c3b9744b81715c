import { config, kubectl } from './kubectl';

/** Where it listens. */
export const ALERT_PORT = 8080;

/** An alert as Alertmanager's webhook says it. @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export interface Notification {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

const NAME = 'receiver';

/** Writes each notification to its log, with the time. */
const PROGRAM = `
require('http').createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    console.log(JSON.stringify({ at: Date.now(), ...JSON.parse(body) }));
    response.end();
  });
}).listen(${ALERT_PORT});`;

/** A webhook in a separate namespace that takes alerts, as a team's service would. */
export class AlertReceiver {
  private constructor(
    readonly namespace: string,
    /** Address of the webhook. */
    readonly url: string,
  ) {}

  static async start(namespace: string): Promise<AlertReceiver> {
    const labels = { app: NAME };
    const items = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: NAME, namespace },
        spec: { selector: labels, ports: [{ port: ALERT_PORT }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: NAME, namespace, labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: NAME,
              image: config.images.node,
              imagePullPolicy: config.imagePullPolicy,
              command: ['node', '-e', PROGRAM],
              readinessProbe: { tcpSocket: { port: ALERT_PORT }, periodSeconds: 1 },
            },
          ],
        },
      },
    ];
    for (const item of items) await kubectl(['apply', '-f', '-'], { input: JSON.stringify(item) });
    await kubectl(['wait', `pod/${NAME}`, '-n', namespace, '--for=condition=Ready', '--timeout=120s'], {
      seconds: 130,
    });
    return new AlertReceiver(namespace, `http://${NAME}.${namespace}.svc.${config.cluster.domain}:${ALERT_PORT}/`);
  }

  /** What has come so far, oldest first. */
  async got(): Promise<Notification[]> {
    const lines = (await kubectl(['logs', NAME, '-n', this.namespace])).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Notification);
  }

  async remove(): Promise<void> {
    await kubectl(['delete', 'namespace', this.namespace, '--ignore-not-found'], { seconds: 180 });
  }
}
