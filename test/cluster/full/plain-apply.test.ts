import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { Repository } from '../support/repository';
import { Visitor } from '../support/visitor';

/** A separate site in separate namespaces, without any command of the project except `secrets`. */
const SITE = 'plaintrial';

let repository: Repository;
let manifests: string;

beforeAll(async () => {
  repository = Repository.create(SITE);
  await repository.npm('synth');
  manifests = join(repository.folder, 'dist/development');
}, 120_000);

afterAll(async () => {
  await repository.npm('down', 'development', '--delete-data', '--yes');
  repository.remove();
}, 900_000);

/** Applies as a person would. @returns a line for each object */
const apply = async (...options: string[]): Promise<string[]> =>
  (await kubectl(['apply', '-f', manifests, ...options], { seconds: 180 })).trim().split('\n');

test('`kubectl apply` makes the site of nothing, in the order of the files and within its annotation', async () => {
  const lines = await apply();
  expect(lines.filter((line) => !line.endsWith(' created'))).toEqual([]);
  await repository.npm('secrets', 'development');
  await eventually('the site answers', 400, async () => {
    const visitor = await Visitor.arrive(repository.config);
    return (await visitor.get('/')).status === 200;
  });
}, 600_000);

/**
 * kubectl sends what it cannot compare, and says `configured`, although the API server changes nothing: a selector that is
 * replaced as a whole and a list of claims without keys (https://github.com/Azure/eno/pull/246).
 */
const SENT_EACH_TIME = ['statefulset.apps/', 'poddisruptionbudget.policy/'];

interface Live {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

/** All objects, without what controllers write. */
const applied = async (): Promise<string> => {
  const { items } = JSON.parse(await kubectl(['get', '-f', manifests, '-o', 'json'])) as { items: Live[] };
  return JSON.stringify(
    items.map(({ status, metadata: { resourceVersion, ...metadata }, ...object }) => ({ ...object, metadata })),
  );
};

test('a second apply changes nothing', async () => {
  const before = await applied();
  const lines = (await apply()).filter((line) => !line.endsWith(' unchanged'));
  expect(lines.filter((line) => !SENT_EACH_TIME.some((kind) => line.startsWith(kind)))).toEqual([]);
  expect(await applied()).toBe(before);
}, 180_000);

test('a server-side apply takes it over, and a second one changes nothing', async () => {
  const serverSide = ['--server-side', '--force-conflicts'];
  const before = await applied();
  await apply(...serverSide);
  await apply(...serverSide);
  expect(await applied()).toBe(before);
}, 180_000);
