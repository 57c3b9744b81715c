import { spawn } from 'node:child_process';
import { namespaceOf } from '../../charts/names';
import { port } from '../../charts/topology';
import type { Config } from '../../config';
import { ClusterError } from './kubectl';

/** One series of an answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series over a range of time. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Samples as they are stored, by time: seconds since 1970, and the value. */
  readonly samples: readonly (readonly [time: number, value: number])[];
}

/** Seconds until the port is forwarded, and of one query. */
const PATIENCE = 15;

/**
 * Queries the in-cluster Prometheus by `kubectl port-forward`: this connects through the kubelet of its node, which the
 * firewalls admit. They refuse the API server's proxy, which comes from outside.
 */
export class PrometheusClient {
  private constructor(
    private readonly base: string,
    /** Ends the port-forward. */
    readonly close: () => void,
  ) {}

  /** Starts the port-forward. Throws ClusterError with kubectl's message. */
  static connect(config: Config): Promise<PrometheusClient> {
    const forward = spawn('kubectl', [
      ...['port-forward', '-n', namespaceOf('monitoring-service', config)],
      ...['service/monitoring-service', `:${port('monitoring-service', 'http')}`],
    ]);
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        forward.kill();
        reject(new ClusterError(`Prometheus cannot be asked: ${why}`));
      };
      const timer = setTimeout(() => fail(`no way to it within ${PATIENCE} s`), PATIENCE * 1000);
      timer.unref();
      forward.stdout.on('data', (text: Buffer) => {
        const local = /127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
        if (local === undefined) return;
        clearTimeout(timer);
        resolve(new PrometheusClient(`http://127.0.0.1:${local}`, () => void forward.kill()));
      });
      forward.stderr.on('data', (text: Buffer) => fail(text.toString().trim()));
      forward.on('error', (error) => fail(error.message));
    });
  }

  /** All series of an instant query. Throws ClusterError. */
  async query(promql: string): Promise<Sample[]> {
    const { result } = await this.ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
      `query?${new URLSearchParams({ query: promql })}`,
    );
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /**
   * Every stored sample of a range, such as `up[5m]`: raw samples that a query over time would smooth. Throws
   * ClusterError.
   */
  async samples(range: string): Promise<Series[]> {
    const { result } = await this.ask<{ result: { metric: Record<string, string>; values: [number, string][] }[] }>(
      `query?${new URLSearchParams({ query: range })}`,
    );
    return result.map(({ metric, values }) => ({
      metric,
      samples: values.map(([time, value]) => [time, Number(value)] as const),
    }));
  }

  private async ask<T>(path: string): Promise<T> {
    const signal = AbortSignal.timeout(PATIENCE * 1000);
    const answer = await fetch(`${this.base}/api/v1/${path}`, { signal })
      .then((response) => response.json() as Promise<{ status: string; error?: string; data: T }>)
      .catch((error: Error) => {
        throw new ClusterError(`Prometheus does not answer: ${error.message}`);
      });
    if (answer.status !== 'success') throw new ClusterError(`Prometheus says: ${answer.error}`);
    return answer.data;
  }
}
