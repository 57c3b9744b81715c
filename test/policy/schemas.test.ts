import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from '../../policy/rule';
import type { Manifest } from '../../reachability/manifest';
import { environments } from '../support/manifests';
import { withProgram } from '../support/programs';

/** Minor versions of Kubernetes that the manifests are made for. */
const VERSIONS = ['1.34', '1.35', '1.36'];

const scratch = mkdtempSync(join(tmpdir(), 'threewall-schemas-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const all = environments().flatMap(({ manifests }) => manifests);
const groupOf = ({ apiVersion }: Manifest): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
/** Of a kind that Kubernetes itself serves. Those of operators are checked as types, which imports/ has of them. */
const isOwn = (manifest: Manifest): boolean => /^[^.]*$|\.k8s\.io$/.test(groupOf(manifest));

const shapeOf = (_: string, value: unknown): unknown => (typeof value === 'object' ? value : typeof value);
const shapeAndKind = (value: unknown): string => {
  const { apiVersion, kind } = (value ?? {}) as Partial<Manifest>;
  return `${apiVersion} ${kind} ${JSON.stringify(value, shapeOf)}`;
};

/** One of each shape: but for apiVersion and kind the schemas limit the types of values, and no text or number. */
const distinct = <T>(values: readonly T[]): T[] => [
  ...new Map(values.map((value) => [shapeAndKind(value), value])).values(),
];

/** Without what costs the program's parser most of its time: the rest of long texts, and items of one shape. */
const cut = (_: string, value: unknown): unknown => {
  if (Array.isArray(value)) return distinct(value);
  return typeof value === 'string' ? value.slice(0, 100) : value;
};

/** Faults that the OpenAPI schema of a version finds, a line each. A field that it does not know is a fault. */
function faultsOf(manifests: readonly object[], version: string): string[] {
  const file = join(scratch, `${version}.yaml`);
  const texts = distinct(manifests).map((manifest) => JSON.stringify(manifest, cut));
  writeFileSync(file, texts.join('\n---\n'));
  const args = ['--kubernetes-version', version, '--strict', '--quiet', file];
  const { stdout, stderr } = spawnSync('kubernetes-validate', args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n').filter(Boolean);
}

const deployment = (name: string, container: object): Node => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { spec: { containers: [{ name: 'c', ...container }] } },
  },
});

withProgram('kubernetes-validate', () => {
  describe.each(VERSIONS)('Kubernetes %s', (version) => {
    test('accepts every object of every environment', () => {
      expect(faultsOf(all.filter(isOwn), version)).toEqual([]);
    });

    test('refuses what it does not know, a value of another type, and a field left out', () => {
      const manifests = [
        deployment('unknown', { imagepullpolicy: 'Always' }),
        deployment('type', { ports: [{ containerPort: 'https' }] }),
        deployment('left-out', { name: undefined }),
        deployment('sound', { image: 'a:1' }),
      ];
      const faults = faultsOf(manifests, version);
      expect(faults.map((fault) => /deployment\/\S+/.exec(fault)?.[0])).toEqual([
        'deployment/unknown',
        'deployment/type',
        'deployment/left-out',
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
