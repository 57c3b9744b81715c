import { backupsIn, timeOf } from './manifest';
import type { Stored } from './store';

/** A gauge and its value. */
export type Figures = Readonly<Record<string, number>>;

/** What the objects of the store tell: times in seconds, sizes in bytes. */
export function figuresOf(objects: readonly Stored[]): Figures {
  const newest = backupsIn(objects).at(-1);
  const drill = objects
    .flatMap(({ key }) => /^drills\/(\d{8}T\d{6}Z)\.json$/.exec(key)?.[1] ?? [])
    .sort()
    .at(-1);
  return {
    ...(newest ? { backup_last_success_timestamp_seconds: newest.time / 1000, backup_size_bytes: newest.size } : {}),
    ...(drill ? { restore_drill_last_success_timestamp_seconds: timeOf(drill) / 1000 } : {}),
  };
}

/** Gauges as an OTLP/HTTP request in JSON. @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export const otlpOf = (figures: Figures, now: number): object => ({
  resourceMetrics: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'backup' } }] },
      scopeMetrics: [
        {
          scope: { name: 'threewall.backup' },
          metrics: Object.entries(figures).map(([name, value]) => ({
            name,
            gauge: { dataPoints: [{ timeUnixNano: `${now}000000`, asDouble: value }] },
          })),
        },
      ],
    },
  ],
});

/** Hands figures to a collector. Backups are not for the monitoring's sake: a collector that is away is told, no more. */
export async function push(endpoint: string, figures: Figures): Promise<void> {
  try {
    const answer = await fetch(`${endpoint}/v1/metrics`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(otlpOf(figures, Date.now())),
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  } catch (error) {
    console.error(`the figures were not taken by ${endpoint}: ${(error as Error).message}`);
  }
}
