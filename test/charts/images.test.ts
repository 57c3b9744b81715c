import type { Config } from '../../config';
import { configs } from '../support/configs';
import { ownApp } from '../support/firewalls';
import { synthesize } from '../support/manifests';

// biome-ignore lint/suspicious/noExplicitAny: the inside of any object
type Node = any;

/** Every pod of an environment: what has containers. */
const podsOf = (config: Config): Node[] => {
  const found: Node[] = [];
  const look = (node: Node): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node.containers)) found.push(node);
    for (const inside of Object.values(node)) look(inside);
  };
  look(synthesize(config).filter(({ kind }) => kind !== 'ConfigMap'));
  return found;
};

describe.each([...configs(), ownApp])('the images of $name', ({ config }) => {
  test('are pulled with the Secrets that the configuration names, by every pod', () => {
    const pods = podsOf({ ...config, imagePullSecrets: ['registry', 'mirror'] });
    expect(pods.length).toBeGreaterThan(4);
    for (const { imagePullSecrets } of pods)
      expect(imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
  });

  test('are not pulled again while their node has them: a registry that is away stops no pod', () => {
    for (const { initContainers = [], containers } of podsOf(config)) {
      for (const { imagePullPolicy } of [...initContainers, ...containers])
        expect(imagePullPolicy).toBe('IfNotPresent');
    }
  });
});
