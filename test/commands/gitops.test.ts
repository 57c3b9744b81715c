import { ADMISSION_KINDS, EXTERNAL_SECRET, HOLDS_DATA, KINDS, RELEASE_KIND } from '../../charts/gitops';
import { applierOfObjects, insteadOf } from '../../commands/cluster/applier';
import { application, project } from '../../commands/gitops/argo-cd';
import { kustomization } from '../../commands/gitops/flux';
import { patchOf } from '../../commands/gitops/hand-over';
import { type ManagedFields, takeOver } from '../../commands/gitops/ownership';
import { nameOf, sourceOf } from '../../commands/gitops/source';
import { isOnlyOurs } from '../../commands/up/autoscaler';
import { PRUNED } from '../../commands/up/prune';
import { configOf } from '../support/configs';
import { environments } from '../support/manifests';

// biome-ignore lint/suspicious/noExplicitAny: the inside of any object
type Node = any;

const config = configOf({ name: 'shop' });
const repo = 'https://git.example.org/team/shop.git';
const source = sourceOf(config, 'production', { repo });
const argo = { namespace: 'argocd', server: 'https://kubernetes.default.svc' };

test('no claim bears the name of the Application as its instance', () => {
  const instances = new Set(
    environments().flatMap(({ manifests }) =>
      manifests.map(({ spec }) => (spec as Node)?.selector?.matchLabels?.['app.kubernetes.io/instance']),
    ),
  );
  for (const environment of environments()) {
    expect(instances).not.toContain(nameOf({ config: environment.config, environment: environment.name }));
  }
});

describe('Argo CD', () => {
  const { spec }: Node = project(source, argo);

  test('may read one repository, write to two namespaces, and make the kinds of the charts alone', () => {
    expect(spec.sourceRepos).toEqual([repo]);
    expect(spec.destinations.map(({ namespace }: Node) => namespace)).toEqual(['shop', 'shop-monitoring']);
    const allowed = [...spec.clusterResourceWhitelist, ...spec.namespaceResourceWhitelist];
    expect(JSON.stringify(allowed)).not.toMatch(/"\*"|Secret|CustomResource|Webhook|"Job"|"Pod"/);
  });

  test('may make Jobs where the app has release steps', () => {
    const released = configOf({ name: 'shop', app: { image: 'registry.example/shop:1.4.2', release: ['migrate'] } });
    const { namespaceResourceWhitelist }: Node = (project(sourceOf(released, 'production', { repo }), argo) as Node)
      .spec;
    expect(namespaceResourceWhitelist).toContainEqual({ group: 'batch', kind: 'Job' });
  });

  test('keeps to git, takes the newest commit with each try, and waits for nothing that is as it should be', () => {
    const { syncPolicy, ignoreDifferences, project: name }: Node = (application(source, argo) as Node).spec;
    expect(name).toBe('shop-production');
    expect(syncPolicy.automated).toEqual({ prune: true, selfHeal: true });
    expect(syncPolicy.retry).toMatchObject({ limit: -1, refresh: true });
    expect(syncPolicy.syncOptions).toEqual([
      'ServerSideApply=true',
      'ApplyOutOfSyncOnly=true',
      'FailOnSharedResource=true',
    ]);
    expect(ignoreDifferences).toBeUndefined();
  });

  test('leaves the number of pods to the autoscaler where there is one, and there only', () => {
    const autoscaling = { minReplicas: 2, maxReplicas: 4, cpuPercent: 80 };
    const scaled = sourceOf(configOf({ name: 'shop', web: { autoscaling } }), 'production', { repo });
    const { syncPolicy, ignoreDifferences }: Node = (application(scaled, argo) as Node).spec;
    expect(ignoreDifferences).toEqual([
      { group: 'apps', kind: 'Deployment', name: 'web', jsonPointers: ['/spec/replicas'] },
    ]);
    expect(syncPolicy.syncOptions).toContain('RespectIgnoreDifferences=true');
  });
});

test('Flux gets the same source in its form, and none if it cannot read it', () => {
  const urlOf = (address: string) =>
    (kustomization(sourceOf(config, 'production', { repo: address }))?.[0] as Node)?.spec.url;
  expect(urlOf(repo)).toBe(repo);
  expect(urlOf('git@git.example.org:team/shop.git')).toBe('ssh://git@git.example.org/team/shop.git');
  expect(urlOf('file:///srv/shop.git')).toBeUndefined();
});

describe('kinds', () => {
  const autoscaling = { minReplicas: 2, maxReplicas: 4, cpuPercent: 80 };
  const id = ({ group, kind }: { group: string; kind: string }) => `${kind}.${group}`;

  test('are those that the charts make, and no other', () => {
    const made = new Set(
      [...environments(), ...environments([{ name: 'scaled', config: configOf({ web: { autoscaling } }) }])].flatMap(
        ({ manifests }) =>
          manifests.map(({ apiVersion, kind }) =>
            id({ group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', kind }),
          ),
      ),
    );
    expect([...made].sort()).toEqual([...KINDS, RELEASE_KIND, EXTERNAL_SECRET, ...ADMISSION_KINDS].map(id).sort());
  });

  test('are all pruned by `up`, but what holds data, what belongs to no namespace, and files', () => {
    const wanted = [...KINDS, EXTERNAL_SECRET].filter(
      ({ kind, clusterWide }) => !clusterWide && !HOLDS_DATA.includes(kind) && kind !== 'ConfigMap',
    );
    const plural = ({ group, kind }: { group: string; kind: string }) =>
      `${kind.toLowerCase().replace(/y$/, 'ie')}s${group && `.${group}`}`;
    expect([...PRUNED].sort()).toEqual(wanted.map(plural).sort());
  });
});

describe('who applies the site', () => {
  const tracked = (annotations: Record<string, string>, labels: Record<string, string> = {}) => ({
    metadata: { annotations, labels },
  });

  test('stands on its objects', () => {
    expect(applierOfObjects([tracked({ 'sync-wave': '10' }), { metadata: {} }])).toBeUndefined();
    const id = 'shop-production:apps/Deployment:shop/web';
    expect(applierOfObjects([tracked({}), tracked({ 'argocd.argoproj.io/tracking-id': id })])).toEqual({
      tool: 'Argo CD',
      name: 'shop-production',
    });
    expect(applierOfObjects([tracked({}, { 'kustomize.toolkit.fluxcd.io/name': 'shop' })])?.tool).toBe('Flux');
  });

  test('is reported with what to do instead', () => {
    const applier = { tool: 'Argo CD', name: 'shop-production' } as const;
    expect(insteadOf('up', applier, 'production')).toMatch(
      /Commit the change instead[\s\S]*--cascade=false[\s\S]*--release/,
    );
    expect(insteadOf('down', applier, 'production')).toMatch(/argocd app delete shop-production/);
  });
});

describe('the ownership of fields', () => {
  const entry = (manager: string, fieldsV1: object, more: Partial<ManagedFields> = {}): ManagedFields => ({
    manager,
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1 as ManagedFields['fieldsV1'],
    ...more,
  });
  const hostPath = { 'f:spec': { 'f:volumes': { 'k:{"name":"logs"}': { '.': {}, 'f:hostPath': {} } } } };
  const replicas = { 'f:spec': { 'f:replicas': {} } };

  test('goes over whole: what the heir no longer applies is not kept as the other one`s', () => {
    const after = takeOver(
      [entry('kubectl', hostPath), entry('argocd-controller', replicas)],
      ['kubectl'],
      'argocd-controller',
    );
    expect(after).toEqual([entry('argocd-controller', { 'f:spec': { ...hostPath['f:spec'], ...replicas['f:spec'] } })]);
  });

  test('goes over before the heir has applied anything', () => {
    expect(takeOver([entry('kubectl', hostPath)], ['kubectl'], 'argocd-controller')).toEqual([
      entry('argocd-controller', hostPath),
    ]);
  });

  test('of a plain `kubectl apply` goes over too', () => {
    const client = entry('kubectl-client-side-apply', hostPath, { operation: 'Update' });
    expect(takeOver([client], ['kubectl'], 'argocd-controller')).toEqual([entry('argocd-controller', hostPath)]);
  });

  test('of controllers, people and subresources stays with them', () => {
    const others = [
      entry('kube-controller-manager', replicas, { operation: 'Update', subresource: 'status' }),
      entry('kubectl-edit', replicas, { operation: 'Update' }),
      entry('kubectl', replicas, { operation: 'Update', subresource: 'scale' }),
    ];
    expect(takeOver(others, ['kubectl'], 'argocd-controller')).toBeUndefined();
    expect(takeOver([...others, entry('kubectl', hostPath)], ['kubectl'], 'argocd-controller')?.slice(0, 3)).toEqual(
      others,
    );
  });

  const live = (managedFields: ManagedFields[], annotations = {}, labels = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', resourceVersion: '7', managedFields, annotations, labels },
  });

  test('is handed over only if the object is still what was read, and not again', () => {
    const [first, second] = patchOf(live([entry('kubectl', hostPath)]), 'adopt');
    expect(first).toEqual({ op: 'replace', path: '/metadata/resourceVersion', value: '7' });
    expect(second).toMatchObject({ op: 'replace', path: '/metadata/managedFields' });
    expect(patchOf(live([entry('argocd-controller', hostPath)]), 'adopt')).toEqual([]);
  });

  test('is handed back with the marks of the one who had it', () => {
    const annotations = { 'argocd.argoproj.io/tracking-id': 'shop-production:apps/Deployment:shop/web' };
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'shop' };
    const patch = patchOf(live([entry('argocd-controller', hostPath)], annotations, labels), 'release');
    expect(patch.map(({ op, path }) => `${op} ${path}`)).toEqual([
      'replace /metadata/resourceVersion',
      'replace /metadata/managedFields',
      'remove /metadata/annotations/argocd.argoproj.io~1tracking-id',
      'remove /metadata/labels/kustomize.toolkit.fluxcd.io~1name',
    ]);
  });

  test('of the number of pods is shared before an autoscaler takes it, unless another manager shares it already', () => {
    const by = (...managers: string[]) => ({
      metadata: { managedFields: managers.map((manager) => entry(manager, replicas)) },
      spec: { replicas: 2 },
    });
    expect(isOnlyOurs(by('kubectl'))).toBe(true);
    expect(isOnlyOurs(by('kubectl', 'kube-controller-manager'))).toBe(false);
    expect(isOnlyOurs({ metadata: { managedFields: [entry('kubectl', hostPath)] }, spec: {} })).toBe(false);
  });
});
