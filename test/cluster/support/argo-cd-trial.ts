import { join } from 'node:path';
import { Application, absence } from './argo-cd';
import { eventually } from './eventually';
import { ENVIRONMENT, kubectl } from './kubectl';
import { Repository } from './repository';
import { table } from './table';
import { Traffic } from './traffic';
import { Visitor } from './visitor';

/** Seconds within which a commit is to be in force: git is read at once, rollouts take up to two minutes. */
export const SOON = 240;
/** Requests of a visitor each second. */
const RATE = 20;

/** The tests of a trial, and the trial once they run. */
export interface ArgoCdTests {
  /** `test`, or `test.skip` where no Argo CD is found. */
  readonly given: jest.It;
  readonly trial: () => ArgoCdTrial;
}

/**
 * Tests of a site that Argo CD applies; its cases are printed. Skipped, with the reason, where no Argo CD is found.
 * @param site name of a site of its own, which is taken away with its data at the end. @default - the site under test,
 *   which is handed back to `up`
 */
export function argoCdTests(site?: string): ArgoCdTests {
  const reason = absence();
  if (reason) console.log(`${site ?? 'the hand-over to Argo CD'} is not tried: ${reason}`);
  let trial: ArgoCdTrial | undefined;
  beforeAll(() => {
    if (!reason) trial = new ArgoCdTrial(site ? Repository.create(site) : Repository.copy(ENVIRONMENT));
  }, 120_000);
  afterAll(async () => {
    if (!trial) return;
    console.log(table(trial.rows));
    await (site ? trial.end() : trial.giveBack());
    await trial.forget();
  }, 900_000);
  return {
    given: reason ? test.skip : test,
    trial: () => {
      if (!trial) throw new Error('the trial has not begun');
      return trial;
    },
  };
}

/** A site that Argo CD applies, and a visitor of it. */
export class ArgoCdTrial {
  readonly application: Application;
  /** Duration of each case, and what its visitor saw. */
  readonly rows: string[][] = [['case', 'seconds', 'requests', 'failed']];
  private visitor: Visitor | undefined;

  constructor(readonly repository: Repository) {
    this.application = new Application(`${this.site}-${repository.environment}`);
  }

  /** The site's name. */
  get site(): string {
    return this.repository.config.name;
  }

  /** Writes the Application as the configuration is now, and applies it. */
  async apply(): Promise<void> {
    const { environment, folder, url } = this.repository;
    await this.repository.npm('gitops', environment, '--repo', url);
    await kubectl(['apply', '-f', join(folder, `gitops/argocd/${environment}.yaml`)]);
    await this.application.refresh();
  }

  /** A visitor, once the site answers. */
  async answers(seconds: number): Promise<Visitor> {
    return eventually('the site answers', seconds, async () => {
      this.visitor = await Visitor.arrive(this.repository.config);
      return (await this.visitor.get('/')).status === 200 ? this.visitor : undefined;
    });
  }

  /** A case without a visitor, for its time. */
  async lasts(name: string, event: () => Promise<unknown>): Promise<void> {
    const begun = performance.now();
    await event();
    this.rows.push([name, secondsSince(begun), '-', '-']);
  }

  /** A case under a visitor's requests. @throws Error when one of them fails */
  async survives(name: string, event: () => Promise<unknown>): Promise<void> {
    if (!this.visitor) throw new Error('there is no visitor yet');
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
    this.rows.push([name, secondsSince(begun), String(tally.sent), String(failures)]);
    if (failures > 0) throw new Error(`${failures} of ${tally.sent} requests failed: ${tally.examples.join('\n')}`);
  }

  /**
   * A commit that does harm, under a visitor's requests, and its revert, which follows whatever was seen.
   * @param edit changes the repository
   * @param seen what is to be seen of it
   * @param seconds within which the site is to be well again after the revert
   */
  async recovers(name: string, edit: () => void, seen: () => Promise<void>, seconds: number): Promise<void> {
    const { repository, application } = this;
    edit();
    const commit = await repository.commit(name);
    const revert = () => this.survives(`${name}: its revert`, () => application.healthy(repository.revert(), seconds));
    const harm = this.survives(name, async () => {
      await application.applies(commit, SOON);
      await seen();
    });
    await harm.then(revert, async (error: unknown) => {
      await revert();
      throw error;
    });
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

  /** Has `up` apply the site again. Does nothing where it does already. */
  async giveBack(): Promise<void> {
    const { environment } = this.repository;
    await this.application.leave();
    await this.repository.npm('gitops', environment, '--release');
    await this.repository.npm('up', environment);
  }

  /** Takes the site away, its data too. */
  async end(): Promise<void> {
    await this.application.remove(300);
    await this.repository.npm('down', this.repository.environment, '--delete-data', '--yes');
  }

  /** Takes away what Argo CD and this machine know of it. */
  async forget(): Promise<void> {
    await kubectl(['delete', 'appprojects.argoproj.io', this.application.name, '-n', 'argocd', '--ignore-not-found']);
    this.repository.remove();
  }
}

const secondsSince = (begun: number): string => ((performance.now() - begun) / 1000).toFixed(0);
