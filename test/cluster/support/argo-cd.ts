import { spawnSync } from 'node:child_process';
import { eventually } from './eventually';
import { kubectl } from './kubectl';

const NAMESPACE = 'argocd';
const REFRESH = 'argocd.argoproj.io/refresh=hard';

/** What Argo CD says of an Application, as far as the tests look at it. */
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

/** Why there is no Argo CD to try with, nothing where one answers. */
export function absence(): string | undefined {
  const { status, stderr, error } = spawnSync('argocd', ['app', 'list'], { encoding: 'utf8', timeout: 20_000 });
  if (error) return 'no command `argocd`';
  return status === 0 ? undefined : `no Argo CD answers: ${stderr.trim().split('\n').at(-1)}`;
}

/** An Application in the cluster's Argo CD. */
export class Application {
  constructor(readonly name: string) {}

  async status(): Promise<ApplicationStatus> {
    const text = await kubectl(['get', 'applications.argoproj.io', this.name, '-n', NAMESPACE, '-o', 'json']);
    return (JSON.parse(text) as { status?: ApplicationStatus }).status ?? {};
  }

  /** Has git read at once, which Argo CD does every two or three minutes. */
  async refresh(): Promise<void> {
    await kubectl(['annotate', 'applications.argoproj.io', this.name, '-n', NAMESPACE, REFRESH, '--overwrite']);
  }

  /** Waits until a commit is applied as a whole. Status words alone may be those of the commit before. */
  async synced(commit: string, seconds: number): Promise<void> {
    await this.refresh();
    await eventually(`${this.name} has applied ${commit.slice(0, 7)}`, seconds, async () => {
      const { sync, operationState: { phase, message, syncResult } = {} } = await this.status();
      const done = sync?.status === 'Synced' && sync.revision === commit && phase === 'Succeeded';
      if (!done) throw new Error(`${sync?.status} ${sync?.revision}, ${phase}: ${message} ${syncResult?.revision}`);
      return true;
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

  /** Deletes it alone. */
  async leave(): Promise<void> {
    this.argocd(['app', 'delete', this.name, '--cascade=false', '--yes'], 60);
    await this.gone(60);
  }

  /** Deletes it with all that it applied. */
  async remove(seconds: number): Promise<void> {
    this.argocd(['app', 'delete', this.name, '--cascade', '--yes'], seconds);
    await this.gone(seconds);
  }

  private async gone(seconds: number): Promise<void> {
    await eventually(`${this.name} is gone`, seconds, async () => {
      const left = await kubectl(['get', 'applications.argoproj.io', '-n', NAMESPACE, '-o', 'name']);
      return !left.includes(`/${this.name}\n`);
    });
  }

  private argocd(args: readonly string[], seconds: number): void {
    const { status, stderr } = spawnSync('argocd', args, { encoding: 'utf8', timeout: seconds * 1000 });
    if (status !== 0) throw new Error(`argocd ${args.join(' ')}: ${stderr}`);
  }
}
