import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { parseConfig } from '../../config';

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly permissions?: object; readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }
    >
  >;
}
interface Step {
  readonly uses?: string;
  readonly run?: string;
}

const FOLDER = '.github/workflows';
const workflows = readdirSync(FOLDER).map((file) => ({ file, text: readFileSync(join(FOLDER, file), 'utf8') }));

describe.each(workflows)('the workflow $file', ({ text }) => {
  const { permissions, jobs } = load(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('reads the repository and may do nothing else, but for a comment', () => {
    expect(permissions).toEqual({ contents: 'read' });
    const more = Object.values(jobs).flatMap((job) => Object.entries(job.permissions ?? {}).map(String));
    expect(more.filter((permission) => !['contents,read', 'pull-requests,write'].includes(permission))).toEqual([]);
  });

  test('uses actions by commit, with the version beside it', () => {
    const uses = text.match(/uses: .*/g) ?? [];
    expect(uses).toHaveLength(steps.filter((step) => step.uses).length);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('puts nothing that a pull request says into a script', () => {
    for (const { run } of steps) expect(run ?? '').not.toMatch(/\$\{\{/);
  });

  test('ends each job that hangs', () => {
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  test('runs npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const run = steps.flatMap((step) =>
      [...(step.run ?? '').matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name),
    );
    expect(run.filter((name) => !(name && name in scripts))).toEqual([]);
  });
});

test('Renovate finds every image of the image table', () => {
  const { customManagers } = JSON.parse(readFileSync('renovate.json', 'utf8'));
  const [images] = customManagers;
  const files = images.managerFilePatterns.map((pattern: string) => new RegExp(pattern.slice(1, -1)));
  const text = readdirSync('config')
    .map((file) => `config/${file}`)
    .filter((file) => files.some((pattern: RegExp) => pattern.test(file)))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const found = [...text.matchAll(new RegExp(images.matchStrings[0], 'g'))].map(
    ({ groups }) => `${groups?.depName}:${groups?.currentValue}`,
  );
  const config = parseConfig('domain: www.example.org', 'test.yaml');
  expect(found.sort()).toEqual(Object.values(config.images).sort());
});
