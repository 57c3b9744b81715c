import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { kubectl } from '../support/kubectl';
import { Repository } from '../support/repository';
import { Visitor } from '../support/visitor';

/** A site of its own, in namespaces of its own, without any command of the project but that for Secrets. */
const SITE = 'plaintrial';

let repository: Repository;
let manifests: string;

beforeAll(() => {
  repository = Repository.create(SITE);
  repository.npm('synth');
  manifests = join(repository.folder, 'dist/development');
}, 120_000);

afterAll(async () => {
  repository.npm('down', 'development', '--delete-data', '--yes');
  repository.remove();
}, 900_000);

/** Applies as a person would. @returns a line for each object */
const apply = async (...options: string[]): Promise<string[]> =>
  (await kubectl(['apply', '-f', manifests, ...options], { seconds: 180 })).trim().split('\n');

test('`kubectl apply` makes the site of nothing, in the order of the files and within its annotation', async () => {
  const lines = await apply();
  expect(lines.filter((line) => !line.endsWith(' created'))).toEqual([]);
  repository.npm('secrets', 'development');
  await eventually('the site answers', 400, async () => {
    const visitor = await Visitor.arrive(repository.config);
    return (await visitor.get('/')).status === 200;
  });
}, 600_000);

test('a second apply changes nothing', async () => {
  expect((await apply()).filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
}, 180_000);

test('a server-side apply takes it over, and a second one changes nothing', async () => {
  const serverSide = ['--server-side', '--force-conflicts'];
  const versions = () => kubectl(['get', '-f', manifests, '-o', 'jsonpath={..metadata.generation}']);
  const before = await versions();
  await apply(...serverSide);
  await apply(...serverSide);
  expect(await versions()).toBe(before);
}, 180_000);
