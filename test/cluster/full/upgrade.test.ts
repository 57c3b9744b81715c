import { version } from '../../../commands/version';
import { eventually, sleep } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { previousRelease, unpackRelease } from '../support/release';
import { Repository } from '../support/repository';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

/** A site of its own, in namespaces of its own. */
const SITE = 'upgradetrial';
/** GETs per second while it is upgraded. */
const RATE = Number(process.env.RATE ?? 50);

let repository: Repository;
let visitor: Visitor;
const earlier = previousRelease();

beforeAll(async () => {
  repository = Repository.create(SITE);
  await repository.npm('synth');
  const manifests = unpackRelease(earlier, SITE, repository.folder);
  await kubectl(['apply', '--server-side', '-f', manifests], { seconds: 180 });
  await repository.npm('secrets', 'development');
  await eventually(`a site of ${earlier} answers`, 600, async () => {
    visitor = await Visitor.arrive(repository.config);
    return (await visitor.post('/messages', { text: 'the first row' })).status === 201;
  });
}, 900_000);

afterAll(async () => {
  await repository.npm('down', 'development', '--delete-data', '--yes');
  repository.remove();
}, 900_000);

/** Posts one message after the other; each that is refused is posted again, as Retry-After asks. */
class Author {
  /** Numbers of the rows that were answered with 201. */
  readonly kept: number[] = [];
  /** Answers that were none, or not 201, by status. */
  readonly refused: Record<string, number> = {};
  private running = true;
  private readonly done = this.write();

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async write(): Promise<void> {
    for (let n = 0; this.running; n++) {
      const answer = await visitor.post('/messages', { text: `row ${n}` }).catch((error: Error) => error);
      if (!(answer instanceof Error) && answer.status === 201) {
        this.kept.push((JSON.parse(answer.body) as { id: number }).id);
      } else {
        const what = answer instanceof Error ? answer.message : String(answer.status);
        this.refused[what] = (this.refused[what] ?? 0) + 1;
        await sleep(0.2);
      }
    }
  }
}

/** Every row of the primary, by its number. */
async function rows(): Promise<Set<number>> {
  const found = new Set<number>();
  for (let after = 0; ; ) {
    const { length, last } = await page(after, found);
    if (length < 1000) return found;
    after = last;
  }
}

async function page(after: number, into: Set<number>): Promise<{ length: number; last: number }> {
  const list = await visitor.json<{ id: number }[]>(`/messages?after=${after}&limit=1000&consistent=1`);
  for (const { id } of list) into.add(id);
  return { length: list.length, last: list.at(-1)?.id ?? after };
}

test(`a site of ${earlier} becomes one of ${version()}: no field is immutable, no page fails, no row is lost`, async () => {
  const before = await eventually('the rows are read', 120, rows);
  const author = new Author();
  // a page that needs no database, and one that reads: both must come while every tier rolls
  const [pages, reads] = [
    new Traffic(visitor, '/static/app.css', RATE),
    new Traffic(visitor, '/messages?limit=5', RATE),
  ];
  const started = Date.now();
  let output: string;
  try {
    output = await repository.npm('up', 'development', '--timeout', '20m');
    await sleep(5);
  } finally {
    await Promise.all([author.stop(), pages.stop(), reads.stop()]);
  }
  const [served, read] = [await pages.stop(), await reads.stop()];
  const after = await rows();
  console.log(
    [
      `${earlier} to ${version()}: ${Math.round((Date.now() - started) / 1000)} s`,
      `pages: ${served.sent} sent, failed ${JSON.stringify(served.failed)}, ${served.refused} sent again`,
      `reads: ${read.sent} sent, failed ${JSON.stringify(read.failed)}, ${read.refused} sent again`,
      `rows: ${author.kept.length} acknowledged, refused ${JSON.stringify(author.refused)}`,
      ...served.examples,
      ...read.examples,
    ].join('\n'),
  );
  expect(output).not.toMatch(/immutable|Forbidden|Invalid value/);
  expect([...before, ...author.kept].filter((id) => !after.has(id))).toEqual([]);
  expect(served.failed).toEqual({});
  expect(read.failed).toEqual({});
  // one fixed primary restarts once: a client that writes meanwhile gets Retry-After
  expect(Object.keys(author.refused).filter((what) => what !== '503')).toEqual([]);
}, 1_800_000);

test('what the earlier release left and the new one does not name is gone', async () => {
  // alerts of the restarts are none of this
  const { stdout } = await repository.tryNpm('status', 'development', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ foreign: [] });
}, 120_000);
