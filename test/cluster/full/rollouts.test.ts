import { config, kubectl } from '../support/kubectl';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';

const RATE = Number(process.env.RATE ?? 200);
const PATH = process.env.TRAFFIC_PATH ?? '/whoami';
let visitor: Visitor;
const rows: string[] = [];
beforeAll(async () => {
  visitor = await Visitor.arrive();
});
afterAll(() => console.log(rows.join('\n')));

test.each(['web', 'app', 'load-balancer'])(
  'a rolling restart of %s fails no request',
  async (tier) => {
    const traffic = new Traffic(visitor, PATH, RATE);
    await kubectl(['rollout', 'restart', `deployment/${tier}`, '-n', config.name]);
    await kubectl(['rollout', 'status', `deployment/${tier}`, '-n', config.name, '--timeout=200s'], { seconds: 210 });
    while (traffic.count < RATE * 100) await new Promise((resolve) => setTimeout(resolve, 100));
    const tally = await traffic.stop();
    rows.push(`${tier}: ${JSON.stringify(tally)}`);
    expect(tally).toMatchObject({ failed: {}, ok: tally.sent });
  },
  400_000,
);
