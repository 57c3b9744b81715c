import { Testing } from 'cdk8s';
import { AppChart } from '../../charts/app';
import { parseConfig } from '../../config';

// biome-ignore lint/suspicious/noExplicitAny: manifests, read at many depths
const object = (kind: string, yaml = ''): any =>
  Testing.synth(
    new AppChart(Testing.app(), parseConfig(`domain: www.example.org\n${yaml}`, 'test.yaml'), {
      volume: { name: 'code' },
    }),
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
