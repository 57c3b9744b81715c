/** Pods of a tier. `wanted` is undefined if the cluster has no such workload. */
export interface TierStatus {
  readonly tier: string;
  readonly ready: number;
  readonly wanted: number | undefined;
  /** All pods are of the newest version. */
  readonly done: boolean;
}

/**
 * A metric: `/s` a rate, `%` a share from 0 to 1, `s` seconds, `age` seconds since an event. Undefined: no
 * data.
 */
export interface Metric {
  readonly name: string;
  readonly value: number | undefined;
  readonly unit: '/s' | '%' | 's' | 'age';
  /** Why there can be no value. */
  readonly absent?: string;
}

/** A firing alert; `about` is its pod or node, if any. */
export interface FiringAlert {
  readonly name: string;
  readonly severity: string;
  readonly about: string;
}

/** The status of a site at a glance. */
export interface Status {
  readonly name: string;
  readonly tiers: readonly TierStatus[];
  /** `external`: they are at a service that this command cannot query. */
  readonly metrics: readonly Metric[] | 'external' | { readonly trouble: string };
  /** Undefined: no service could be queried. */
  readonly alerts: readonly FiringAlert[] | undefined;
  /** Firewall policies in the site's namespaces that no manifest has, as `<kind> <namespace>/<name>`. */
  readonly foreign: readonly string[];
}

const COLUMN = 28;
const line = (name: string, text: string): string => `${name.padEnd(COLUMN)}${text}`;

/** The status as text. */
export function lines(status: Status): string[] {
  const { name, tiers, metrics, alerts, foreign } = status;
  return [
    `${name}: ${healthy(status) ? 'well' : 'NOT WELL'}`,
    '',
    ...tiers.map((tier) => line(tier.tier, podsOf(tier))),
    '',
    ...metricLines(metrics),
    ...(alerts === undefined
      ? []
      : alerts.length === 0
        ? [line('alerts', 'none fires')]
        : alerts.map((alert) => line('FIRING', `${alert.name} (${alert.severity}) ${alert.about}`.trimEnd()))),
    ...foreign.map((policy) => line('FOREIGN FIREWALL', `${policy} is in no manifest and may open what is closed`)),
  ];
}

/**
 * False when a script should stop: a tier lacks pods, an alert other than `info` fires, Prometheus does not answer, or there is a
 * foreign firewall policy. Such an alert explains others, like the restart of a server that was just made.
 */
export const healthy = ({ tiers, metrics, alerts, foreign }: Status): boolean =>
  tiers.every(ready) &&
  foreign.length === 0 &&
  (alerts ?? []).every(({ severity }) => severity === 'info') &&
  !(typeof metrics === 'object' && 'trouble' in metrics);

const ready = ({ ready, wanted }: TierStatus): boolean => wanted !== undefined && ready >= wanted;

function podsOf(tier: TierStatus): string {
  if (tier.wanted === undefined) return 'MISSING';
  const state = !ready(tier) ? 'NOT READY' : tier.done ? 'ready' : 'ready, its new version starts';
  return `${`${tier.ready}/${tier.wanted}`.padEnd(7)}${state}`;
}

function metricLines(metrics: Status['metrics']): string[] {
  if (metrics === 'external') return [line('metrics', 'at the external monitoring service; none is in the cluster')];
  if ('trouble' in metrics) return [line('metrics', `UNKNOWN: ${metrics.trouble}`)];
  return metrics.map((metric) => line(metric.name, written(metric)));
}

function written({ value, unit, absent = 'no data' }: Metric): string {
  if (value === undefined) return absent;
  switch (unit) {
    case '/s':
      return `${value.toFixed(1)} /s`;
    case '%':
      return `${(value * 100).toFixed(2)} %`;
    case 's':
      return value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(1)} s`;
    case 'age':
      return `${span(value)} ago`;
  }
}

function span(seconds: number): string {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} days`;
}
