import { eventually } from './eventually';
import { kubectl } from './kubectl';
import { Repository } from './repository';

/** Name of the Secret that names the foreign server to `npm run import`. */
export const OLD_SERVER = 'old-server';

const FOLDER = { name: 'd', mountPath: '/d' } as const;

/** What a trial's foreign server is like. */
export interface Theirs {
  /** Further arguments of mysqld. */
  readonly options?: string;
  /** Script beside it, with a client on the socket /d/s.sock. @default - none */
  readonly beside?: string;
  /** SQL that makes their databases, and the account that may read them. */
  readonly sql: string;
  /** That account, and its database. */
  readonly account: { readonly user: string; readonly password: string; readonly database: string };
}

/** A site of its own, and in another namespace a foreign server: the same image, without TLS of a known CA. */
export class ImportTrial {
  private constructor(
    readonly repository: Repository,
    private readonly site: string,
  ) {}

  static async start(site: string, theirs: Theirs): Promise<ImportTrial> {
    const repository = Repository.create(site);
    await repository.npm('synth');
    await repository.npm('up', 'development');
    const trial = new ImportTrial(repository, site);
    await kubectl(['create', 'namespace', trial.foreign]);
    const metadata = { name: 'mysql', namespace: trial.foreign };
    const ports = [{ port: 3306, targetPort: 3399 }];
    await trial.apply(pod(repository.config.images.mysql, trial.foreign, theirs), {
      ...{ apiVersion: 'v1', kind: 'Service', metadata },
      spec: { selector: { app: 'mysql' }, ports },
    });
    await eventually('their server answers', 180, async () => (await trial.theirs('SELECT 7')).trim() === '7');
    await trial.theirs(theirs.sql);
    await trial.apply({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: OLD_SERVER, namespace: site } },
      stringData: { host: `mysql.${trial.foreign}.svc`, ...theirs.account },
    });
    return trial;
  }

  async end(): Promise<void> {
    await kubectl(['delete', 'namespace', this.foreign, '--ignore-not-found']);
    await this.repository.npm('down', 'development', '--delete-data', '--yes');
    this.repository.remove();
  }

  /** Runs a program in the foreign server's pod. */
  inTheirs(...command: readonly string[]): Promise<string> {
    return kubectl(['exec', 'mysql', '-n', this.foreign, '-c', 'mysql', '--', ...command], { seconds: 180 });
  }

  /** Runs SQL in the foreign server. */
  theirs(input: string): Promise<string> {
    const client = ['mysql', '-S', '/d/s.sock', '-uroot', '-N', '--default-character-set=utf8mb4', 'mysql'];
    return kubectl(['exec', '-i', 'mysql', '-n', this.foreign, '-c', 'mysql', '--', ...client], {
      input,
      seconds: 180,
    });
  }

  /** Runs SQL in a database of the site. */
  own(input: string, of = 'database-0'): Promise<string> {
    const client = ['mysql', '--defaults-file=/run/threewall/root.cnf', '-N', 'site'];
    return kubectl(['exec', '-i', of, '-n', this.site, '-c', 'database', '--', ...client], { input, seconds: 180 });
  }

  /** The command, as a user runs it. */
  import(...args: readonly string[]): Promise<{ code: number; output: string }> {
    return this.repository.tryNpm('import', 'development', ...args);
  }

  /** Objects of an import that are still there. */
  async leftovers(): Promise<string[]> {
    const kinds = 'job,networkpolicy,configmap,secret';
    return (await kubectl(['get', kinds, '-n', this.site, '-l', 'threewall.dev/import', '-o', 'name']))
      .split('\n')
      .filter((name) => name !== '');
  }

  private get foreign(): string {
    return `${this.site}-theirs`;
  }

  private async apply(...items: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await kubectl(['apply', '-f', '-'], { input: list });
  }
}

const pod = (image: string, namespace: string, { options = '', beside }: Theirs) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mysql', namespace, labels: { app: 'mysql' } },
  spec: {
    securityContext: { runAsUser: 10104, runAsGroup: 10104, fsGroup: 10104 },
    volumes: [{ name: FOLDER.name, emptyDir: {} }],
    containers: [
      container('mysql', image, `${SERVE} ${options}`),
      ...(beside === undefined ? [] : [container('beside', image, beside)]),
    ],
  },
});

const container = (name: string, image: string, script: string) => ({
  ...{ name, image, volumeMounts: [FOLDER] },
  command: ['bash', '-c', script],
});

const SERVE = `mysqld --datadir=/d/data --initialize-insecure &&
exec mysqld --datadir=/d/data --socket=/d/s.sock --port=3399 --mysqlx=OFF --pid-file=/d/pid --log-bin-trust-function-creators=ON`;

/** Digests of `CHECKSUM TABLE`. */
export const sums = (text: string): string[] => text.split('\n').map((line) => line.split('\t')[1] ?? '');
