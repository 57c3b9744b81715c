import { Testing } from 'cdk8s';
import { AppChart } from '../../charts/app';
import { NO_FILES } from '../../charts/app/files';
import { LOCAL, routerCfg } from '../../charts/app/router-cfg';
import { configFrom } from '../support/configs';

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
const object = (kind: string, yaml = ''): any =>
  Testing.synth(
    new AppChart(
      Testing.app(),
      configFrom(yaml),
      {
        volume: { name: 'code' },
      },
      NO_FILES,
    ),
  ).find((o) => o.kind === kind);

test('the number of app servers follows the CPU use where the environment says so', () => {
  const yaml = 'app: { replicas: 1, autoscaling: { minReplicas: 1, maxReplicas: 6 } }';
  expect(object('Deployment', yaml).spec).not.toHaveProperty('replicas');
  expect(object('HorizontalPodAutoscaler', yaml).spec).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: 'app' },
    minReplicas: 1,
    maxReplicas: 6,
  });
  expect(object('PodDisruptionBudget', yaml).spec.maxUnavailable).toBe(1);
});

test("an app server gets the app's own password and the CA of the databases, and nothing else of their Secrets", () => {
  const { volumes } = object('Deployment').spec.template.spec;
  const { projected } = volumes.find(({ name }: { name: string }) => name === 'database');
  expect(projected.sources.flatMap((source: { secret: { items: object[] } }) => source.secret.items)).toEqual([
    { key: 'app', path: 'password' },
    { key: 'ca.crt', path: 'ca.crt' },
  ]);
});

describe('the router beside an app server', () => {
  const group = configFrom('name: shop\ndatabase: { topology: group, members: 5 }');

  test("takes what is meant for the databases' Services, by each of their names", () => {
    const { hostAliases } = object('Deployment', 'name: shop').spec.template.spec;
    expect(hostAliases).toEqual(
      (['primary', 'replica'] as const).map((side) => ({
        ip: LOCAL[side],
        hostnames: ['', '.shop', '.shop.svc', '.shop.svc.cluster.local'].map((domain) => `database-${side}${domain}`),
      })),
    );
    const cfg = routerCfg(group, 'app');
    expect(cfg).toContain(`bind ${LOCAL.primary}:3306\n  default_backend writers`);
    expect(cfg).toContain(`bind ${LOCAL.replica}:3306\n  default_backend readers`);
  });

  test('leads to the routers of all databases, and leaves out those that do not answer', () => {
    const servers = routerCfg(group, 'app').match(/^ {2}server .*$/gm) ?? [];
    const to = (port: number): string[] =>
      servers.filter((line) => line.includes(`.database.shop.svc.cluster.local:${port} `));
    expect(to(3310)).toHaveLength(5);
    expect(to(3310).every((line) => line.includes(' check port 8008 '))).toBe(true);
    expect(to(3320)).toHaveLength(5);
    expect(to(3320).every((line) => / track writers\/database-\d$/.test(line))).toBe(true);
  });

  test('starts before the app server and ends after it', () => {
    const { initContainers } = object('Deployment').spec.template.spec;
    expect(initContainers).toMatchObject([{ name: 'router', restartPolicy: 'Always' }]);
  });
});
