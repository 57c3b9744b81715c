import { readFileSync } from 'node:fs';
import { FEATURES } from '../../commands/cluster/features';
import { parseConfig } from '../../config';

const PAGE = readFileSync('docs/clusters.md', 'utf8');
const sections = PAGE.split(/^#+ /m)
  .map((text) => ({ name: text.split('\n')[0] ?? '', yaml: /```yaml\n([\s\S]*?)```/.exec(text)?.[1] }))
  .filter((section): section is { name: string; yaml: string } => section.yaml !== undefined);

test.each(sections)('docs/clusters.md: the section of $name is accepted', ({ name, yaml }) => {
  expect(() => parseConfig(`domain: www.example.org\n${yaml}`, name)).not.toThrow();
});

test('docs/clusters.md shows a section of each kind of cluster', () => {
  const names = sections.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['kind', 'k3s', 'kubeadm', 'EKS', 'EKS Auto Mode', 'GKE', 'AKS', 'OpenShift']),
  );
});

test.each(FEATURES)('docs/clusters.md tells since when there is: $name', ({ name, since }) => {
  expect(PAGE.split('\n').find((line) => line.startsWith(`| ${name} |`))).toMatch(new RegExp(`\\| 1\\.${since}\\b`));
});
