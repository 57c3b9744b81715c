import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dump, load } from 'js-yaml';
import { namespaceOf, selectorOf } from '../../../../charts/names';
import type { TierName } from '../../../../charts/topology';
import { list } from '../../../../commands/cluster/kubectl';
import type { Config } from '../../../../config';
import { isReady, kubectl, type Pod } from '../kubectl';
import { Repository } from '../repository';
import { Visitor } from '../visitor';
import { SHARED_CLASS, SharedFolder } from './shared-folder';

const run = promisify(execFile);
const CONFIG = 'config/development.yaml';
const EXAMPLES = 'config/examples';

/** What an environment says, as its file has it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a YAML file holds
export type Written = Record<string, any>;

/** Files by their paths. */
type Texts = Readonly<Record<string, string>>;

/** An example as its file has it. */
export const example = (name: string): Written => load(readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8')) as Written;

/**
 * An app as a site of its own, in namespaces of its own, with what the environment under test says
 * about its cluster, its monitoring and its databases.
 */
export class AppTrial {
  private constructor(
    private readonly repository: Repository,
    private readonly shared: SharedFolder | undefined,
  ) {}

  /**
   * Brings it up.
   * @param name of the site is `<name>-trial`
   * @param own what its file says beside what the environment under test says
   * @param files that `app.files` names, by their paths below `config`
   * @param code files of the claim that `app.code` names, by their paths
   */
  static async start(
    name: string,
    own: Written,
    { files = {}, code = {} }: { readonly files?: Texts; readonly code?: Texts } = {},
  ): Promise<AppTrial> {
    const repository = Repository.create(`${name}-trial`);
    const { folder } = repository;
    for (const whole of ['test', 'docs']) cpSync(whole, join(folder, whole), { recursive: true });
    cpSync(EXAMPLES, join(folder, 'config'), { recursive: true, filter: (path) => !path.endsWith('.yaml') });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, 'config', path), text);
    const here = load(readFileSync(join(folder, CONFIG), 'utf8')) as Written;
    // all visitors of a trial come from one address
    const limits = { requestsPerSecondPerClient: 10_000, requestsAtOncePerClient: 10_000, ...own.limits };
    const written: Written = { ...here, ...own, limits, name: here.name, domain: here.domain };
    const shared = await share(written, code);
    writeFileSync(join(folder, CONFIG), dump(written));
    const trial = new AppTrial(repository, shared);
    try {
      await trial.up();
    } catch (error) {
      if (!process.env.THREEWALL_KEEP_TRIAL) await trial.end();
      throw error;
    }
    return trial;
  }

  /** Folder of the copy of the project that it is deployed from. */
  get folder(): string {
    return this.repository.folder;
  }

  get config(): Config {
    return this.repository.config;
  }

  get origin(): string {
    return `https://${this.config.domain}`;
  }

  visitor(): Promise<Visitor> {
    return Visitor.arrive(this.config);
  }

  /** Synthesizes and applies what the configuration says now. @returns what `up` said */
  async up(timeout = '10m'): Promise<string> {
    await this.npm('synth');
    return this.npm('up', 'development', '--timeout', timeout);
  }

  /** Changes the configuration; `up` applies it. */
  edit(change: (written: Written) => void): void {
    this.repository.edit((text) => {
      const written = load(text) as Written;
      change(written);
      return dump(written);
    }, CONFIG);
  }

  /** Runs a command of the project there. @throws Error with what it said where it fails */
  async npm(script: string, ...args: readonly string[]): Promise<string> {
    const all = ['run', '-s', script, '--', ...args];
    const { stdout, stderr } = await run('npm', all, { cwd: this.folder, maxBuffer: 2 ** 26 }).catch(
      ({ code, stdout, stderr }) => {
        throw new Error(`npm run ${script} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
      },
    );
    return `${stdout}${stderr}`;
  }

  /** Ready pods of a tier, by name. */
  async pods(tier: TierName): Promise<Pod[]> {
    const { config } = this;
    const pods = await list<Pod>('pods', namespaceOf(tier, config), selectorOf(tier, config));
    return pods.filter(isReady).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  }

  /** Runs a shell in a pod's own container. @returns its standard output */
  inPod({ metadata }: Pod, script: string, seconds = 60): Promise<string> {
    const container = metadata.labels['app.kubernetes.io/component'] ?? '';
    const args = ['exec', metadata.name, '-n', metadata.namespace, '-c', container, '--', 'sh', '-c', script];
    return kubectl(args, { seconds });
  }

  /** `kubectl` in the site's namespace. */
  kubectl(args: readonly string[], seconds = 60): Promise<string> {
    return kubectl([...args, '-n', this.config.name], { seconds });
  }

  /** Takes everything away, the data too. */
  async end(): Promise<void> {
    await this.npm('down', 'development', '--delete-data', '--yes');
    await this.shared?.remove();
    this.repository.remove();
  }
}

/**
 * Brings a trial up before the tests of this file and takes it away after them, unless THREEWALL_KEEP_TRIAL is set.
 * @returns rows of a table, printed at the end
 */
export function duringTests(start: () => Promise<AppTrial>): string[] {
  const rows: string[] = [];
  let trial: AppTrial | undefined;
  beforeAll(async () => {
    trial = await start();
  }, 900_000);
  afterAll(async () => {
    console.log(rows.join('\n'));
    if (!process.env.THREEWALL_KEEP_TRIAL) await trial?.end();
  }, 400_000);
  return rows;
}

/** Gives a volume that several pods write what this cluster has for it. */
async function share({ name, app }: Written, code: Texts): Promise<SharedFolder | undefined> {
  if (app.code?.source === 'claim') {
    const folder = new SharedFolder(name, app.user);
    await folder.make();
    await folder.write(code);
    app.code.claimName = folder.claim;
    return folder;
  }
  const volumes = Object.values(app.volumes ?? {}) as Written[];
  const [first, ...more] = volumes.filter(({ accessMode }) => accessMode === 'ReadWriteMany');
  if (!first) return undefined;
  if (SHARED_CLASS) {
    for (const volume of [first, ...more]) volume.storageClassName = SHARED_CLASS;
    return undefined;
  }
  if (more.length > 0) throw new Error('two shared volumes need a StorageClass: THREEWALL_SHARED_CLASS');
  const folder = new SharedFolder(name, app.user);
  await folder.make();
  first.claimName = folder.claim;
  return folder;
}

/** Runs one of this project's own acceptance tests on the site of a trial. @returns its exit code and what it printed */
export async function runAcceptance(
  trial: AppTrial,
  file: string,
): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, THREEWALL_ENVIRONMENT: 'development', THREEWALL_FULL: '' };
  const options = { cwd: trial.folder, env, maxBuffer: 2 ** 26 };
  return run(process.execPath, ['test/cluster/run.mjs', file], options).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: stdout + stderr }),
  );
}
