import { ALERT_PORT, AlertReceiver, type Notification } from '../support/alert-receiver';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { Repository } from '../support/repository';
import { table } from '../support/table';

/** A site of its own, with an Alertmanager, and a foreign webhook. */
const SITE = 'alerttrial';
const RECEIVER = `${SITE}-receiver`;
/** No web server is left: `page`, after a minute. */
const ALERT = 'LbNoAliveBackends';
/** Until it holds for its time, Prometheus has evaluated it and the group has waited. */
const TOLD_WITHIN = 300;
/** The group's interval comes on top. */
const RESOLVED_WITHIN = 480;

let repository: Repository;
let receiver: AlertReceiver;
/** When `up` began, in milliseconds since 1970: what fires by itself is counted from here. */
let began: number;
const rows: string[][] = [['what', 'reaches the webhook after']];

beforeAll(async () => {
  repository = Repository.create(SITE);
  receiver = await AlertReceiver.start(RECEIVER);
  const to = `to: { namespace: ${RECEIVER}, podLabels: { app: receiver } }, port: ${ALERT_PORT}`;
  repository.edit((text) =>
    text.replace(
      '    - type: prometheus\n',
      [
        '    - type: prometheus',
        '      alertmanager:',
        '        storage: { size: 128Mi }',
        '        receivers:',
        `          - { type: webhook, ${to}, severities: [page, ticket, watchdog] }`,
        // an unreachable address: a receiver that fails
        `          - { type: slack, severities: [watchdog] }`,
        '',
      ].join('\n'),
    ),
  );
  await repository.npm('synth');
  await kubectl(['apply', '--server-side', '-f', `${repository.folder}/dist/development/00-namespaces.yaml`]);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'monitoring-service', namespace: `${SITE}-monitoring` },
    stringData: { 'alert-webhook': receiver.url, 'alert-slack': 'http://192.0.2.1:443/' },
  };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(secret) });
  began = Date.now();
  await repository.npm('up', 'development');
}, 900_000);

afterAll(async () => {
  console.log(table(rows));
  await receiver.remove();
  await repository.npm('down', 'development', '--delete-data', '--yes');
  repository.remove();
}, 900_000);

const scale = (replicas: number): Promise<string> =>
  kubectl(['scale', 'deployment/web', '-n', SITE, `--replicas=${replicas}`]);

/** Waits for an alert of that name and status; the time since `begun` is a row. */
async function arrives(
  name: string,
  status: Notification['status'],
  seconds: number,
  begun: number,
): Promise<Notification> {
  const found = await eventually(`${name} is ${status} at the webhook`, seconds, async () =>
    (await receiver.got()).find(
      (one) => one.at >= begun && one.status === status && one.alerts.some(({ labels }) => labels.alertname === name),
    ),
  );
  rows.push([`${name}, ${status}`, `${((found.at - begun) / 1000).toFixed(0)} s`]);
  return found;
}

test('the alert that always fires comes by itself', async () => {
  const { alerts } = await arrives('Watchdog', 'firing', 180, began);
  expect(alerts[0]?.labels).toMatchObject({ severity: 'watchdog', site: SITE });
}, 200_000);

test(
  'an alert that fires reaches the webhook, and so does its end',
  async () => {
    const replicas = Number(await kubectl(['get', 'deployment/web', '-n', SITE, '-o', 'jsonpath={.spec.replicas}']));
    const caused = Date.now();
    await scale(0);
    try {
      const { alerts } = await arrives(ALERT, 'firing', TOLD_WITHIN, caused);
      expect(alerts[0]?.labels).toMatchObject({ severity: 'page', site: SITE });
      expect(alerts[0]?.annotations.runbook).toBe(`docs/runbooks.md#${ALERT.toLowerCase()}`);
    } finally {
      await scale(replicas);
    }
    await arrives(ALERT, 'resolved', RESOLVED_WITHIN, Date.now());
  },
  (TOLD_WITHIN + RESOLVED_WITHIN + 60) * 1000,
);

test('that one receiver fails is reported to the others', async () => {
  await arrives('NotificationsFail', 'firing', 900, began);
}, 960_000);
