import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually, sleep } from './eventually';
import { kubectl } from './kubectl';

const NAMESPACE = 'argocd';
const REFRESH = 'argocd.argoproj.io/refresh=hard';

/** The parts of an Application's status that the tests read. */
export interface ApplicationStatus {
  readonly sync?: { readonly status?: string; readonly revision?: string };
  readonly health?: { readonly status?: string };
  readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  readonly operationState?: {
    readonly phase?: string;
    readonly message?: string;
    readonly syncResult?: { readonly revision?: string };
  };
}

/** Why there is no Argo CD to test with, undefined if one answers. */
export function absence(): string | undefined {
  const { status, stderr, error } = spawnSync('argocd', ['app', 'list'], { encoding: 'utf8', timeout: 20_000 });
  if (error) return 'no command `argocd`';
  const { ARGOCD_SERVER: server = '' } = process.env;
  if (!/^(127\.|localhost)/.test(server)) return `the Argo CD at "${server}" reads no git repository of this machine`;
  return status === 0 ? undefined : `no Argo CD answers: ${stderr.trim().split('\n').at(-1)}`;
}

/** An Application in the cluster's Argo CD. */
export class Application {
  constructor(readonly name: string) {}

  async status(): Promise<ApplicationStatus> {
    const text = await kubectl(['get', 'applications.argoproj.io', this.name, '-n', NAMESPACE, '-o', 'json']);
    return (JSON.parse(text) as { status?: ApplicationStatus }).status ?? {};
  }

  /** Makes Argo CD read git at once instead of every two or three minutes. */
  async refresh(): Promise<void> {
    await kubectl(['annotate', 'applications.argoproj.io', this.name, '-n', NAMESPACE, REFRESH, '--overwrite']);
  }

  /** Waits until a commit is applied completely. The status alone may be that of the previous commit. */
  async synced(commit: string, seconds: number): Promise<void> {
    await this.refresh();
    await eventually(`${this.name} has applied ${commit.slice(0, 7)}`, seconds, async () => {
      const { sync, operationState: { phase, message, syncResult } = {} } = await this.status();
      const done = sync?.status === 'Synced' && sync.revision === commit && phase === 'Succeeded';
      if (!done) throw new Error(`${sync?.status} ${sync?.revision}, ${phase}: ${message} ${syncResult?.revision}`);
      return true;
    });
  }

  /** Waits until the sync of a commit has begun; it may wait for what never becomes well. */
  async applies(commit: string, seconds: number): Promise<void> {
    await this.refresh();
    await eventually(`${this.name} applies ${commit.slice(0, 7)}`, seconds, async () => {
      const { operationState: { syncResult } = {} } = await this.status();
      return syncResult?.revision === commit;
    });
  }

  /** Waits until a commit is applied and everything is well. */
  async healthy(commit: string, seconds: number): Promise<void> {
    await this.synced(commit, seconds);
    await eventually(
      `${this.name} is Healthy`,
      seconds,
      async () => (await this.status()).health?.status === 'Healthy',
    );
  }

  /** Waits and looks whether it is called Synced all the time. */
  async stays(status: 'Synced', seconds: number): Promise<void> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(1)) {
      const { sync } = await this.status();
      if (sync?.status !== status) throw new Error(`${this.name} is ${sync?.status} now`);
    }
  }

  /** Deletes it alone, if it is there. */
  async leave(): Promise<void> {
    if (!(await this.exists())) return;
    await argocd(['app', 'delete', this.name, '--cascade=false', '--yes'], 60);
    await this.gone(60);
  }

  /** Deletes it with all that it applied, if it is there. */
  async remove(seconds: number): Promise<void> {
    if (!(await this.exists())) return;
    await argocd(['app', 'delete', this.name, '--cascade', '--yes'], seconds);
    await this.gone(seconds);
  }

  private async exists(): Promise<boolean> {
    const all = await kubectl(['get', 'applications.argoproj.io', '-n', NAMESPACE, '-o', 'name']);
    return all.split('\n').some((line) => line.endsWith(`/${this.name}`));
  }

  private async gone(seconds: number): Promise<void> {
    await eventually(`${this.name} is gone`, seconds, async () => !(await this.exists()));
  }
}

/** Runs Argo CD's command line. */
async function argocd(args: readonly string[], seconds: number): Promise<void> {
  await promisify(execFile)('argocd', args, { timeout: seconds * 1000 });
}
