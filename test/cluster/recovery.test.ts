import { eventually, sleep } from './support/eventually';
import { config, kubectl, readyPods } from './support/kubectl';
import { Visitor } from './support/visitor';

let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
});

const recovered: string[] = [];
afterAll(() => console.log(recovered.join('\n')));

test.each([
  ['the primary', ['database-0']],
  ['the replica', ['database-1']],
  ['both databases', ['database-0', 'database-1']],
])(
  'after %s was deleted the site recovers alone and every acknowledged message is there',
  async (what, pods) => {
    const writer = new Writer();
    await eventually('messages are written', 60, async () => writer.acknowledged.size >= 20);

    const uids = await Promise.all(pods.map(uidOf));
    const deleted = Date.now();
    await kubectl(['delete', 'pod', '-n', config.name, '--wait=false', ...pods]);
    await eventually(`${what} came back`, 170, async () => {
      const now = await readyPods('database');
      return now.length === 2 && now.every((pod) => !uids.includes(pod.metadata.uid));
    });
    const writtenSince = writer.acknowledged.size;
    await eventually('messages are written again', 60, async () => writer.acknowledged.size >= writtenSince + 20);
    const seconds = ((Date.now() - deleted) / 1000).toFixed(1);
    await writer.stop();

    for (const consistent of ['&consistent=1', '']) {
      await eventually('every acknowledged message is read', 30, async () => {
        const lost = await missing(writer, consistent);
        if (lost.length > 0)
          throw new Error(
            `${lost.length} of ${writer.acknowledged.size} missing with "${consistent}": ${lost.slice(0, 5)}`,
          );
        return true;
      });
    }
    recovered.push(
      `${what}: ${writer.acknowledged.size} acknowledged, 0 lost, ${writer.refused} refused meanwhile, all well after ${seconds} s`,
    );
  },
  300_000,
);

/** Posts one message after the other and records acknowledged ones. */
class Writer {
  readonly acknowledged = new Map<number, string>();
  refused = 0;
  private running = true;
  private readonly done = this.run();

  private async run(): Promise<void> {
    for (let i = 0; this.running; i++) {
      const text = `recovery ${process.pid} ${i}`;
      const answer = await visitor.post('/messages', { text }).catch(() => undefined);
      if (answer?.status === 201) this.acknowledged.set(JSON.parse(answer.body).id as number, text);
      else {
        this.refused++;
        await sleep(0.1);
      }
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }
}

/** Acknowledged messages that cannot be read back. */
async function missing(writer: Writer, consistent: string): Promise<string[]> {
  const read = new Map<number, string>();
  for (let after = Math.min(...writer.acknowledged.keys()) - 1; ; ) {
    const page = await visitor.json<{ id: number; text: string }[]>(`/messages?after=${after}&limit=1000${consistent}`);
    for (const { id, text } of page) read.set(id, text);
    const last = page.at(-1);
    if (!last) break;
    after = last.id;
  }
  return [...writer.acknowledged].filter(([id, text]) => read.get(id) !== text).map(([, text]) => text);
}

const uidOf = (pod: string): Promise<string> =>
  kubectl(['get', 'pod', pod, '-n', config.name, '-o', 'jsonpath={.metadata.uid}']);
