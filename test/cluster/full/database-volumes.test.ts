import { VOLUME_PATH } from '../../../charts/database/layout';
import { blocks } from '../../../charts/database/servers';
import { connectionsOf } from '../../../config/app-facts';
import { bytes } from '../../../config/fields';
import { RESERVED_CONNECTIONS, sizesOf } from '../../../config/sizes';
import { TrialClient } from '../support/database/client';
import { inside, memory, volume } from '../support/database/container';
import { NAMESPACE, serverNames } from '../support/database/places';
import { allWell, inDetail, type Outcome, report, underTraffic } from '../support/database/trial';
import { eventually, sleep } from '../support/eventually';
import { config, kubectl } from '../support/kubectl';

const MINUTE = 60_000;
/** Size of what is cloned, in MiB. */
const MEBIBYTES = Number(process.env.MEBIBYTES ?? 1100);
const BALLAST = `${VOLUME_PATH}/trial-ballast`;

let client: TrialClient;
const outcomes: Outcome[] = [];
beforeAll(async () => {
  client = await TrialClient.start();
}, 3 * MINUTE);
afterAll(async () => {
  if (outcomes.length > 0) console.log(report(outcomes));
  await client?.clear();
  await client?.remove();
}, 3 * MINUTE);

test(
  'a replica that lost its volume clones more than 1 GB while writes go on',
  async () => {
    await client.prepare();
    const started = Date.now();
    await client.fill(MEBIBYTES);
    console.log(`${MEBIBYTES} MiB written in ${((Date.now() - started) / 1000).toFixed(0)} s`);
    const primary = await allWell(client);
    const victim = (await serverNames()).reverse().find((name) => name !== primary) ?? '';
    const outcome = await underTraffic(client, `volume of a replica lost, ${MEBIBYTES} MiB cloned`, async () => {
      const since = Date.now();
      await kubectl(['delete', 'pvc', `data-${victim}`, '-n', NAMESPACE, '--wait=false']);
      await kubectl(['delete', 'pod', victim, '-n', NAMESPACE, '--grace-period=0', '--force']);
      await allWell(client, { servers: [victim], since });
      return { recovery: (Date.now() - since) / 1000 };
    });
    outcomes.push(outcome);
    expect(outcome).toMatchObject({ lost: 0, twoAtOnce: 0, hands: primary.replace('database-', '') });
    expect(outcome.writeOutage).toBeLessThanOrEqual(2);
    expect(await client.checksum(victim)).toBe(await client.checksum(primary));
  },
  15 * MINUTE,
);

const givenBlocks = blocks(config.database) ? test : test.skip;
givenBlocks(
  'replicas that all lost their volumes are cloned although writes wait for them',
  async () => {
    await client.prepare();
    const primary = await allWell(client);
    const victims = (await serverNames()).filter((name) => name !== primary);
    const outcome = await underTraffic(client, 'volumes of all replicas lost', async () => {
      const since = Date.now();
      const claims = victims.map((name) => `data-${name}`);
      await kubectl(['delete', 'pvc', ...claims, '-n', NAMESPACE, '--wait=false']);
      await kubectl(['delete', 'pod', ...victims, '-n', NAMESPACE, '--grace-period=0', '--force']);
      await allWell(client, { servers: victims, since });
      return { recovery: (Date.now() - since) / 1000 };
    });
    outcomes.push(outcome);
    console.log(inDetail(outcome));
    expect(outcome).toMatchObject({ lost: 0, twoAtOnce: 0, hands: primary.replace('database-', '') });
  },
  15 * MINUTE,
);

test(
  'a full volume of the primary loses nothing, and writes go on when there is space again',
  async () => {
    const primary = await allWell(client);
    const { size, free } = await volume(primary);
    if (size > 2 * bytes(config.database.storage.size)) {
      console.log(
        `not tried: the volume of ${primary} is not bounded (${size} bytes for ${config.database.storage.size}); filling it would fill the node`,
      );
      return;
    }
    let said: string[] = [];
    const outcome = await underTraffic(client, 'volume of the primary full for 40 s', async () => {
      await inside(
        primary,
        `fallocate -l ${free - 2 ** 20} ${BALLAST}; dd if=/dev/zero of=${BALLAST}2 bs=64k 2>/dev/null || true`,
      );
      await sleep(40);
      said = (await kubectl(['logs', primary, '-n', NAMESPACE, '-c', 'database', '--since=45s']))
        .split('\n')
        .filter((line) => /full|space/i.test(line));
      const since = Date.now();
      const before = await client.progress();
      await inside(primary, `rm -f ${BALLAST} ${BALLAST}2`);
      await eventually(
        'writes go on',
        150,
        async () => (await client.progress()).acknowledged > before.acknowledged + 100,
      );
      await allWell(client);
      return { recovery: (Date.now() - since) / 1000 };
    });
    outcomes.push(outcome);
    console.log(said.slice(0, 5).join('\n'));
    expect(said).not.toEqual([]);
    expect(outcome).toMatchObject({ lost: 0, twoAtOnce: 0 });
  },
  10 * MINUTE,
);

test(
  '500 connections at work, with every page in use, neither swap nor exceed the memory',
  async () => {
    const sizes = sizesOf(config.database);
    // the site's own servers use the same account
    const most = sizes.connections - RESERVED_CONNECTIONS - config.app.replicas * connectionsOf(config.app);
    const count = Math.min(500, most);
    if (count < 500) console.log(`the memory limit allows ${most} connections beside the site's own: these are tried`);
    const primary = await allWell(client);
    await client.prepare();
    await client.fill(Math.min(MEBIBYTES, sizes.bufferPool));
    const [crowd, used] = await Promise.all([client.crowd(count, 20), memory(primary, 45)]);
    const limit = bytes(config.database.resources.limits.memory);
    console.log(
      `${JSON.stringify(crowd)}; anonymous memory at most ${(used.anonymous / 2 ** 20).toFixed(0)} MiB of ${limit / 2 ** 20}; swap ${used.swap}; killed ${used.killed}`,
    );
    expect(crowd.opened).toBe(count);
    expect(crowd.failed).toEqual({});
    expect(used).toMatchObject({ swap: 0, killed: 0 });
    expect(used.anonymous).toBeLessThan(limit * 0.92);
    expect(await allWell(client)).toBe(primary);
  },
  5 * MINUTE,
);
