import { PrometheusClient, type Sample, type Series } from '../../../commands/cluster/prometheus';
import { config } from './kubectl';

export type { Sample, Series };

/** The in-cluster monitoring service, reached as a person does: through `kubectl port-forward`. */
export class Prometheus {
  private constructor(private readonly client: PrometheusClient) {}

  /** Opens the way to it. */
  static async connect(): Promise<Prometheus> {
    return new Prometheus(await PrometheusClient.connect(config));
  }

  /** All series of an instant query. */
  query(promql: string): Promise<Sample[]> {
    return this.client.query(promql);
  }

  /** Every stored sample of a range, such as `up[5m]`. */
  samples(range: string): Promise<Series[]> {
    return this.client.samples(range);
  }

  /** The value of a query that answers exactly one series. */
  async value(promql: string): Promise<number> {
    const [first, ...others] = await this.query(promql);
    if (!first || others.length > 0)
      throw new Error(`${promql}: ${first ? others.length + 1 : 0} series instead of one`);
    return first.value;
  }

  close(): void {
    this.client.close();
  }
}
