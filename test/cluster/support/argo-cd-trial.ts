import { join } from 'node:path';
import { Application } from './argo-cd';
import { eventually } from './eventually';
import { kubectl } from './kubectl';
import { Repository } from './repository';
import { Traffic } from './traffic';
import { Visitor } from './visitor';

/** Seconds within which a commit is to be in force: git is read at once, rollouts take up to two minutes. */
export const SOON = 240;
/** Requests of a visitor each second. */
const RATE = 20;

/** A site of its own that Argo CD applies, in namespaces of its own, and a visitor of it. */
export class ArgoCdTrial {
  readonly repository: Repository;
  readonly application: Application;
  /** What each case took, and what its visitor saw. */
  readonly rows: string[][] = [['case', 'seconds', 'requests', 'failed']];
  private visitor: Visitor | undefined;

  constructor(readonly site: string) {
    this.repository = Repository.create(site);
    this.application = new Application(`${site}-development`);
  }

  /** Writes the Application as the configuration is now, and applies it. */
  async apply(): Promise<void> {
    this.repository.npm('synth');
    this.repository.npm('gitops', 'development', '--repo', this.repository.url);
    await kubectl(['apply', '-f', join(this.repository.folder, 'gitops/argocd/development.yaml')]);
    await this.application.refresh();
  }

  /** A visitor, once the site answers. */
  async answers(seconds: number): Promise<Visitor> {
    return eventually('the site answers', seconds, async () => {
      this.visitor = await Visitor.arrive(this.repository.config);
      return (await this.visitor.get('/')).status === 200 ? this.visitor : undefined;
    });
  }

  /** A case under a visitor's requests. @throws Error when one of them fails */
  async survives(name: string, event: () => Promise<void>): Promise<void> {
    if (!this.visitor) throw new Error('nobody visits yet');
    const traffic = new Traffic(this.visitor, '/', RATE, true);
    const begun = performance.now();
    const tally = await event().then(
      () => traffic.stop(),
      async (error: Error) => {
        const { failed } = await traffic.stop();
        throw new Error(`${error.message}\nfailed requests: ${JSON.stringify(failed)}`, { cause: error });
      },
    );
    const failures = Object.values(tally.failed).reduce((sum, n) => sum + n, 0);
    this.rows.push([name, ((performance.now() - begun) / 1000).toFixed(0), String(tally.sent), String(failures)]);
    if (failures > 0) throw new Error(`${failures} of ${tally.sent} requests failed: ${tally.examples.join('\n')}`);
  }

  /** A field of an object, empty where there is no such object. @param path like `.metadata.uid` */
  async field(kind: string, name: string, path: string, namespace = this.site): Promise<string> {
    const args = ['get', kind, name, '-n', namespace, '--ignore-not-found', '-o', `jsonpath={${path}}`];
    return (await kubectl(args)).trim();
  }

  /** Ready pods of a workload. */
  async ready(kind: string, name: string): Promise<number> {
    return Number.parseInt(await this.field(kind, name, '.status.readyReplicas'), 10) || 0;
  }

  /** Takes everything away, the data too. */
  async end(): Promise<void> {
    await this.application.remove(300).catch(() => undefined);
    this.repository.npm('down', 'development', '--delete-data', '--yes');
    await kubectl(['delete', 'appprojects.argoproj.io', this.application.name, '-n', 'argocd', '--ignore-not-found']);
    this.repository.remove();
  }
}
