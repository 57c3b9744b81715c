import { project } from '../../commands/gitops/argo-cd';
import { sourceOf } from '../../commands/gitops/source';
import { configOf } from '../support/configs';
import { synthesize } from '../support/manifests';

// biome-ignore lint/suspicious/noExplicitAny: the inside of any object
type Node = any;

const admission = { cluster: { admissionPolicies: true } };
const config = configOf({
  name: 'shop',
  ...admission,
  app: { image: `registry.example:5000/team/shop@sha256:${'a'.repeat(64)}` },
});
const of = (wanted: ReturnType<typeof configOf>): Node[] =>
  synthesize(wanted).filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
const [policy, binding] = of(config);
const expressions: string[] = policy.spec.validations.map(({ expression }: Node) => expression);

test('nothing is refused unless it is asked for', () => {
  expect(of(configOf())).toEqual([]);
});

test('the policy holds in the two namespaces and nowhere else', () => {
  expect(binding.spec.policyName).toBe(policy.metadata.name);
  expect(binding.spec.validationActions).toEqual(['Deny']);
  expect(binding.spec.matchResources.namespaceSelector.matchExpressions).toEqual([
    { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop', 'shop-monitoring'] },
  ]);
});

test('two sites of one cluster have policies of their own', () => {
  const names = [config, configOf({ name: 'other', ...admission })].map((one) => of(one)[0].metadata.name);
  expect(new Set(names).size).toBe(2);
});

test('the images are those of the table and of the app, without tag or digest', () => {
  const images = expressions.find((one) => one.includes('c.image'));
  expect(images).toMatch("'docker.io/library/nginx'");
  expect(images).toMatch("'registry.example:5000/team/shop'");
  expect(images).not.toMatch(/sha256|:1\./);
});

test('a mirror is the only registry where there is one', () => {
  const [mirrored] = of(configOf({ ...admission, images: { registry: 'mirror.example/hub' } }));
  expect(JSON.stringify(mirrored)).not.toMatch('docker.io');
});

test('a folder of the node is for logs alone, and for nothing without logs', () => {
  const folders = (logs: boolean) =>
    of(configOf({ ...admission, monitoring: { collectLogs: logs } }))[0].spec.validations.find(({ expression }: Node) =>
      expression.includes('hostPath'),
    ).expression;
  expect(folders(true)).toMatch("in ['/var/log/pods']");
  expect(folders(false)).toMatch('in []');
});

test('containers of every list are looked at, those of `kubectl debug` among them', () => {
  for (const expression of expressions.filter((one) => one.includes('(c, '))) {
    for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
      expect(expression).toContain(`object.spec.${list}.all(c, `);
    }
  }
});

test('every pod of the manifests has labels that the policy takes', () => {
  const labels = expressions.find((one) => one.includes('request.namespace')) ?? '';
  const pods = synthesize(config).flatMap(({ metadata, spec }: Node) => {
    const template = spec?.template ?? spec?.jobTemplate?.spec.template;
    return template ? [{ namespace: metadata.namespace, labels: template.metadata.labels }] : [];
  });
  expect(pods.length).toBeGreaterThan(4);
  for (const { namespace, labels: own } of pods) {
    expect(labels).toContain(
      `'${namespace} ${own['app.kubernetes.io/instance']} ${own['app.kubernetes.io/component']}'`,
    );
  }
});

test('Argo CD may make the policies where they are asked for, and nowhere else', () => {
  const kinds = (wanted: typeof config): string =>
    JSON.stringify(
      (
        project(sourceOf(wanted, 'production', { repo: 'https://git.example.org/a.git' }), {
          namespace: 'argocd',
          server: 'x',
        }) as Node
      ).spec.clusterResourceWhitelist,
    );
  expect(kinds(config)).toMatch('ValidatingAdmissionPolicyBinding');
  expect(kinds(configOf())).not.toMatch('ValidatingAdmission');
});
