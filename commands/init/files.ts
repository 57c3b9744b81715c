import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { packageRoot, version } from '../version';

/** What `init` has to know. */
export interface Answers {
  /** Name of the site and of its folder. */
  readonly name: string;
  readonly domain: string;
  /** The app's image. @default - the sample site */
  readonly image?: string;
  /** Port at which the image listens. */
  readonly port: number;
  readonly topology: string;
  /** `prometheus`, `sumologic`, or the https:// address of an OTLP receiver. */
  readonly monitoring: string;
  /** A heading of docs/clusters.md, or `other`. */
  readonly cluster: string;
  readonly gitops: string;
  /** Where npm finds threewall. @default - the registry, this version or a later one that is compatible */
  readonly source?: string;
}

/** Files of a new repository by their paths. */
export function filesOf(answers: Answers): Record<string, string> {
  const template = (name: string) =>
    readFileSync(join(packageRoot, 'commands/init/template', `${name}.tmpl`), 'utf8').replaceAll(
      /\{\{(\w+)\}\}/g,
      (_, key: string) => ({ name: answers.name, domain: answers.domain, deploy: deploy(answers) })[key] ?? '',
    );
  return {
    'package.json': `${JSON.stringify(packageJson(answers), null, 2)}\n`,
    'cdk8s.yaml': template('cdk8s.yaml'),
    'tsconfig.json': template('tsconfig.json'),
    'jest.config.js': template('jest.config.js'),
    'main.ts': template('main.ts'),
    'site.ts': template('site.ts'),
    'config/development.yaml': yaml(settings({ ...answers, domain: `${answers.name}.test` })),
    'config/production.yaml': yaml(settings(answers)),
    'test/site.test.ts': template('site.test.ts'),
    '.github/workflows/check.yaml': template('check.yaml'),
    '.gitignore': template('gitignore'),
    'README.md': template('README.md'),
  };
}

const COMMANDS = ['up', 'down', 'status', 'secrets', 'restore', 'import', 'detect', 'gitops', 'monitors', 'whiteboard'];

function packageJson({ name, source }: Answers): object {
  const own = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  // the versions that this one was tested with
  const tested = (...names: string[]) =>
    Object.fromEntries(names.map((one) => [one, own.devDependencies[one] ?? own.peerDependencies[one]]));
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      synth: 'node --import tsx main.ts',
      test: 'tsc && jest',
      ...Object.fromEntries(COMMANDS.map((command) => [command, `threewall ${command}`])),
      'firewall:diff': 'threewall firewall-diff',
    },
    dependencies: { threewall: source ?? `^${version()}`, ...tested('cdk8s', 'constructs') },
    devDependencies: tested('@swc/core', '@swc/jest', '@types/jest', '@types/node', 'jest', 'tsx', 'typescript'),
  };
}

/** The settings of an environment, as a file of config/ says them. */
export function settings({ name, domain, image, port, topology, monitoring, cluster }: Answers): Tree {
  const database = { topology, ...(topology === 'group' ? {} : { whenReplicaIsLost: 'continue' }) };
  return merged(
    {
      name,
      domain,
      ...(image === undefined ? {} : { app: { image, port, env: DATABASE } }),
      database,
      monitoring: { services: [service(monitoring)] },
    },
    cluster === 'other' ? {} : clusterSection(cluster),
  );
}

/** How most images take the address of their database; the name of the variable differs. */
const DATABASE = {
  DATABASE_URL:
    'mysql://$(DATABASE_USER):$(DATABASE_PASSWORD)@$(DATABASE_PRIMARY_HOST):$(DATABASE_PORT)/$(DATABASE_NAME)',
};

const service = (monitoring: string): object =>
  monitoring.startsWith('https://') ? { type: 'otlp', endpoint: monitoring } : { type: monitoring };

/** The section of docs/clusters.md for a kind of cluster. */
function clusterSection(kind: string): Tree {
  const page = readFileSync(join(packageRoot, 'docs/clusters.md'), 'utf8');
  const [, text = ''] = new RegExp(`^## ${kind}\\n[\\s\\S]*?\`\`\`yaml\\n([\\s\\S]*?)\`\`\``, 'im').exec(page) ?? [];
  return (load(text) ?? {}) as Tree;
}

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const merged = (a: Tree, b: Tree): Tree => ({
  ...a,
  ...Object.fromEntries(
    Object.entries(b).map(([key, value]) => {
      const earlier = a[key];
      return [key, isTree(earlier) && isTree(value) ? merged(earlier, value) : value];
    }),
  ),
});

const yaml = (value: Tree): string =>
  `# yaml-language-server: $schema=../node_modules/threewall/build/schema.json\n${dump(value, { lineWidth: 120 })}`;

function deploy({ gitops }: Answers): string {
  if (gitops === 'none') return 'To deploy: `npm run up -- production`, with KUBECONFIG of the cluster.';
  return [
    `To deploy with ${gitops === 'argocd' ? 'Argo CD' : 'Flux'}: push this repository, then`,
    '',
    '```sh',
    'npm run gitops -- production --repo <address of this repository>',
    `kubectl apply -f gitops/${gitops}/production.yaml`,
    '```',
  ].join('\n');
}
