import { alertsOf } from '../../charts/monitoring/alerts';
import { metrics } from '../../charts/monitoring/alerts/metrics';
import { conditionMetrics } from '../../charts/monitoring/alerts/promql';
import { environmentOf } from '../../charts/monitoring/collector/places';
import { LOG_FIELDS } from '../../charts/web/access-log';
import { REPLICA_METRIC, SUMO_APPS, type SumoApp } from '../support/sumo-apps';
import { eventually } from './support/eventually';
import { config, readyPods } from './support/kubectl';
import { otlpTrial } from './support/otlp';
import type { Line, Summary } from './support/otlp-receiver';
import { table } from './support/table';
import { Visitor } from './support/visitor';

const TIERS = ['load-balancer', 'web', 'app', 'database'] as const;
/** Seconds until metrics of every kind have arrived: discovery of pods, two collections, batches. */
const PATIENCE = 45;

let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
  const pods = (await Promise.all(TIERS.map(readyPods))).flat();
  await otlpTrial.start([...new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []))]);
}, 120_000);
afterAll(() => otlpTrial.remove(), 60_000);

const has = (all: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => all[name] === value);

const fieldsOf = (app: SumoApp, pod: string) =>
  app.attributes({ site: config.name, environment: environmentOf(config), pod });

/** Names of the metrics that came with the fields of a pod. */
const namesOf = ({ metrics }: Summary, app: SumoApp, pod: string): Set<string> =>
  new Set(metrics.filter(({ resource }) => has(resource, fieldsOf(app, pod))).flatMap(({ names }) => names));

describe('what a monitoring service gets', () => {
  test.each(SUMO_APPS)('is what the app of Sumo Logic for $name needs, from every pod of $tier', async (app) => {
    const pods = (await readyPods(app.tier)).map(({ metadata }) => metadata.name);
    expect(pods).not.toEqual([]);
    const needed = [...app.metrics, ...app.optional];
    const found = await eventually(`metrics of each pod of ${app.tier} come`, PATIENCE, async () => {
      const got = await otlpTrial.got();
      const rows = pods.map((pod) => ({ pod, names: namesOf(got, app, pod) }));
      const missing = rows.flatMap(({ pod, names }) =>
        needed.filter((name) => !names.has(name)).map((name) => `${name} of ${pod}`),
      );
      if (missing.length > 0) throw new Error(`none of ${missing.join(', ')}`);
      return rows;
    });
    console.log(
      table([['pod', 'needed', 'came'], ...found.map(({ pod, names }) => [pod, `${needed.length}`, `${names.size}`])]),
    );
  });

  // members of a group replicate without the channel of this metric
  (config.database.topology === 'group' ? test.skip : test)('is how far a replica is behind', async () => {
    const app = SUMO_APPS.find(({ tier }) => tier === 'database') as SumoApp;
    const pods = (await readyPods('database')).map(({ metadata }) => metadata.name);
    await eventually('a replica tells its lag', PATIENCE, async () => {
      const got = await otlpTrial.got();
      return pods.some((pod) => namesOf(got, app, pod).has(REPLICA_METRIC));
    });
  });

  test('has every metric that an alert asks for, under the name that a monitor asks by', async () => {
    await visitor.get('/static/app.css');
    const wanted = new Set(alertsOf(config).flatMap(({ condition }) => conditionMetrics(condition)));
    // the first only after something has failed; backups push the others to the site's own collectors
    const pushed = [metrics.backupSuccess, metrics.backupBinlog, metrics.backupGap, metrics.drillSuccess] as const;
    const later = [metrics.agentFailed, ...pushed] as const;
    for (const metric of later) wanted.delete(metric);
    await eventually('every metric of the alerts comes', PATIENCE, async () => {
      const names = new Set((await otlpTrial.got()).metrics.flatMap((one) => one.names));
      const missing = [...wanted].filter(({ otel }) => !names.has(otel));
      if (missing.length > 0) throw new Error(`none of ${missing.map(({ otel }) => otel).join(', ')}`);
      return true;
    });
  });

  (config.monitoring.collectLogs ? test : test.skip)(
    'are lines of the access log as they were written, by whose ids the other tiers are found',
    async () => {
      const find = (lines: readonly Line[], tier: string, id: string, value: unknown): Line | undefined =>
        lines.find(({ resource, attributes }) => resource['service.name'] === tier && attributes[id] === value);
      // a collector reads from the end of what is there when it starts
      const ids: string[] = [];
      const web = await eventually('the lines of a request come', PATIENCE, async () => {
        ids.push(String((await visitor.get('/whoami')).headers['x-request-id']));
        const { lines } = await otlpTrial.got();
        for (const id of ids) {
          const line = find(lines, 'web', 'request_id', id);
          const connection = line?.attributes.connection_id;
          const others = [
            find(lines, 'app', 'request_id', id),
            find(lines, 'load-balancer', 'connection_id', connection),
          ];
          if (line && others.every((other) => other?.attributes.connection_id === connection)) return line;
        }
        throw new Error(`${lines.length} lines, none of ${ids.length} requests in all tiers`);
      });
      const app = SUMO_APPS.find(({ tier }) => tier === 'web') as SumoApp;
      expect(web.resource).toMatchObject(fieldsOf(app, web.resource['k8s.pod.name'] ?? ''));
      expect(web.trace).toBe(web.attributes.request_id);
      expect(Object.keys(JSON.parse(web.body) as object)).toEqual(Object.keys(LOG_FIELDS));
      expect(JSON.parse(web.body)).toMatchObject({ status: '200', request_id: web.attributes.request_id });
    },
  );
});
