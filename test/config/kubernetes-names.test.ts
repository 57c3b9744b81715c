import type { Config } from '../../config';
import { configOf, faultsOf as faults } from '../support/configs';

const onNodes = (placement: object) => ({ database: { placement } });
const expression = (values: object) => onNodes({ nodes: { required: [{ key: 'disk', ...values }] } });

/** What the API server refuses is refused before anything is applied. Each was seen with `kubectl apply --dry-run=server`. */
describe('a placement names', () => {
  test.each([
    ['a selector with a space', { nodeSelector: { 'x y': 'a' } }, 'nodeSelector: must be the key of a label'],
    ['a selector with a template', { nodeSelector: { pool: '{{ .x }}' } }, 'nodeSelector.pool: must be the value of'],
    ['a prefix with two dots', { nodeSelector: { 'a..b/c': 'x' } }, 'nodeSelector: must be the key of a label'],
    ['a toleration of everything', { tolerations: [{ value: 'x' }] }, 'tolerations[0].operator: must be Exists where'],
    [
      'a toleration with too much',
      { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] },
      'tolerations[0].value: must be left out with operator Exists, got "x"',
    ],
    ['a toleration of no label', { tolerations: [{ key: 'a b' }] }, 'tolerations[0].key: must be the key of a label'],
  ])('%s', (_, placement, message) => {
    expect(faults(onNodes(placement))).toEqual([expect.stringContaining(`database.placement.${message}`)]);
  });

  test.each([
    ['In', [], 'must be at least one value with In'],
    ['NotIn', [], 'must be at least one value with NotIn'],
    ['Exists', ['ssd'], 'must be no value with Exists'],
    ['DoesNotExist', ['ssd'], 'must be no value with DoesNotExist'],
    ['Gt', [], 'must be one whole number in quotes with Gt'],
    ['Gt', ['1', '2'], 'must be one whole number in quotes with Gt'],
    ['Lt', ['many'], 'must be one whole number in quotes with Lt'],
  ])('an expression %s %j', (operator, values, message) => {
    expect(faults(expression({ operator, values }))).toEqual([
      expect.stringContaining(`database.placement.nodes.required[0].values: ${message}`),
    ]);
  });

  test.each([
    ['In', ['ssd', 'nvme']],
    ['Exists', []],
    ['Gt', ['3']],
  ])('what Kubernetes takes: %s %j', (operator, values) => {
    expect(faults(expression({ operator, values }))).toEqual([]);
  });

  test('every node, whatever its taint', () => {
    expect(faults(onNodes({ tolerations: [{ operator: 'Exists' }] }))).toEqual([]);
  });
});

describe('names of what others made', () => {
  const named = (read: (config: Config) => unknown, settings: object) => read(configOf(settings));

  test('may have every form that Kubernetes allows', () => {
    expect(
      named(({ database }) => database.storage.storageClassName, {
        database: { storage: { storageClassName: 'ebs.csi.gp3' } },
      }),
    ).toBe('ebs.csi.gp3');
    expect(named(({ secrets }) => secrets.siteTls, { secrets: { siteTls: '2026.www-tls' } })).toBe('2026.www-tls');
    const namespace = '1password';
    const from = { from: { namespace }, to: 'app', reason: 'reads its secrets' };
    expect(faults({ firewall: { extraIngress: [from] } })).toEqual([]);
  });

  test.each([
    [
      'a class with a hyphen at its end',
      { loadBalancer: { service: { class: 'nlb-' } } },
      'loadBalancer.service.class',
    ],
    [
      'a priority class with an empty part',
      { web: { pods: { priorityClassName: 'high..est' } } },
      'web.pods.priorityClassName',
    ],
    ['a Secret in capitals', { secrets: { siteTls: 'SiteTls' } }, 'secrets.siteTls'],
    ['a volume larger than a number', { database: { storage: { size: '2390639Ti' } } }, 'database.storage.size'],
  ])('but not %s', (_, settings, path) => {
    expect(faults(settings)).toEqual([expect.stringMatching(`^${path}: must be .*, got "`)]);
  });
});
