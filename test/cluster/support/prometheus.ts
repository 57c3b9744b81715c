import { type ChildProcess, spawn } from 'node:child_process';
import { namespaceOf, port } from '../../../charts/topology';
import { config } from './kubectl';

/** One series of an answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The in-cluster monitoring service, reached as a person does: through `kubectl port-forward`. */
export class Prometheus {
  private constructor(
    private readonly forward: ChildProcess,
    private readonly base: string,
  ) {}

  /** Opens the way to it. */
  static connect(): Promise<Prometheus> {
    const remote = port('monitoring-service', 'http');
    const forward = spawn('kubectl', [
      ...['port-forward', '-n', namespaceOf('monitoring-service', config)],
      ...['service/monitoring-service', `:${remote}`],
    ]);
    return new Promise((resolve, reject) => {
      forward.stdout.on('data', (text: Buffer) => {
        const local = /127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
        if (local) resolve(new Prometheus(forward, `http://127.0.0.1:${local}`));
      });
      forward.stderr.on('data', (text: Buffer) => reject(new Error(text.toString())));
      forward.on('error', reject);
    });
  }

  /** All series of an instant query. */
  async query(promql: string): Promise<Sample[]> {
    const response = await fetch(`${this.base}/api/v1/query?${new URLSearchParams({ query: promql })}`);
    const answer = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.status !== 'success') throw new Error(`${promql}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** The value of a query that answers exactly one series. */
  async value(promql: string): Promise<number> {
    const [first, ...others] = await this.query(promql);
    if (!first || others.length > 0)
      throw new Error(`${promql}: ${first ? others.length + 1 : 0} series instead of one`);
    return first.value;
  }

  close(): void {
    this.forward.kill();
  }
}
