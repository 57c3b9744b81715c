import type { Manifest } from '../../reachability/manifest';
import { faultFinder } from '../support/kubernetes-schemas';
import { environments } from '../support/manifests';
import { withKubernetesSchemas } from '../support/programs';

/** Minor versions of Kubernetes that the manifests are made for. */
const VERSIONS = ['1.34', '1.35', '1.36'];

const all = environments().flatMap(({ manifests }) => manifests);
const groupOf = ({ apiVersion }: Manifest): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
/** Of a kind that Kubernetes itself serves. Those of operators are checked as types, which imports/ has of them. */
const isOwn = (manifest: Manifest): boolean => /^[^.]*$|\.k8s\.io$/.test(groupOf(manifest));

const deployment = (name: string, container: object): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { spec: { containers: [{ name: 'c', ...container }] } },
  },
});

withKubernetesSchemas((folder) => {
  describe.each(VERSIONS)('Kubernetes %s', (version) => {
    let faultsOf: ReturnType<typeof faultFinder>;
    beforeAll(() => {
      faultsOf = faultFinder(folder, version);
    });

    test('accepts every object of every environment', () => {
      expect(faultsOf(all.filter(isOwn))).toEqual([]);
    });

    test('refuses what it does not know, a value of another type, and a field left out', () => {
      const manifests = [
        deployment('unknown', { imagepullpolicy: 'Always' }),
        deployment('type', { ports: [{ containerPort: 'https' }] }),
        deployment('left-out', { name: undefined }),
        deployment('sound', { image: 'a:1' }),
        { ...deployment('kind', {}), kind: 'Deploiment' },
        { ...deployment('version', {}), apiVersion: 'apps/v1beta1' },
      ];
      expect(faultsOf(manifests)).toEqual([
        'Deployment unknown: /spec/template/spec/containers/0 must NOT have additional properties',
        'Deployment type: /spec/template/spec/containers/0/ports/0/containerPort must be integer',
        "Deployment left-out: /spec/template/spec/containers/0 must have required property 'name'",
        'apps/v1 Deploiment: no such kind',
        'apps/v1beta1 Deployment: no such kind',
      ]);
    });
  });
});

test('kinds that no schema of Kubernetes covers are those of operators', () => {
  const groups = all.filter((manifest) => !isOwn(manifest)).map(groupOf);
  expect([...new Set(groups)].sort()).toEqual([
    'cert-manager.io',
    'cilium.io',
    'external-secrets.io',
    'monitoring.coreos.com',
  ]);
});
