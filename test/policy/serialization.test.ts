import { ApiObject, App, Chart, type Lazy } from 'cdk8s';
import * as k8s from '../../imports/k8s';
import { configs } from '../support/configs';
import { build } from '../support/manifests';

// biome-ignore lint/suspicious/noExplicitAny: the inside of any object
type Node = any;

/**
 * Paths that a construct was given and that its YAML lacks. The generated constructs drop what they do not know, and
 * only the compiler would have said so, where it could see it.
 * @see https://github.com/cdk8s-team/cdk8s/issues/2172
 */
function dropped(given: Node, written: Node, path = ''): string[] {
  if (given === undefined || given === null) return [];
  if (typeof given.produce === 'function')
    return dropped((given as Lazy & { produce(): unknown }).produce(), written, path);
  if (written === undefined) return [path];
  if (typeof given !== 'object') return given === written ? [] : [path];
  if (given.constructor !== Object && !Array.isArray(given))
    return String(given.value) === String(written) ? [] : [path];
  const keys = Object.keys(written);
  return Object.entries(given).flatMap(([key, value]) => {
    // properties are called clusterIp where the YAML says clusterIP
    const name = keys.find((k) => k.toLowerCase() === key.toLowerCase());
    return dropped(value, name === undefined ? undefined : written[name], `${path}.${key}`);
  });
}

const lossesOf = (app: App): string[] =>
  app.node
    .findAll()
    .filter(ApiObject.isApiObject)
    .flatMap((object) =>
      dropped((object as unknown as { props: Node }).props, object.toJson()).map(
        (p) => `${object.kind} ${object.name}${p}`,
      ),
    );

test.each(configs())('everything that the charts of $name say stands in the YAML', ({ config }) => {
  expect(lossesOf(build(config))).toEqual([]);
});

test('fails on what a generated construct drops', () => {
  const app = new App();
  const port = { port: 80, targetPort: 8080, tragetPort: 1 } as unknown as k8s.ServicePort;
  new k8s.KubeService(new Chart(app, 'chart'), 'service', {
    metadata: { name: 'web' },
    spec: { clusterIp: 'None', ports: [port] },
  });
  expect(lossesOf(app)).toEqual(['Service web.spec.ports.0.targetPort', 'Service web.spec.ports.0.tragetPort']);
});
