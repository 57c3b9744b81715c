/** Pods of a tier. `wanted` is undefined where the cluster has no such workload. */
export interface TierStatus {
  readonly tier: string;
  readonly ready: number;
  readonly wanted: number | undefined;
  /** All pods are of the newest version. */
  readonly done: boolean;
}

/**
 * A figure: `/s` a rate, `%` a share from 0 to 1, `s` seconds, `age` seconds since something was done. Undefined: there
 * is no data.
 */
export interface Figure {
  readonly name: string;
  readonly value: number | undefined;
  readonly unit: '/s' | '%' | 's' | 'age';
}

/** An alert that fires now; `about` is the pod or node, where it is about one. */
export interface FiringAlert {
  readonly name: string;
  readonly severity: string;
  readonly about: string;
}

/** What one wants to know of a site at a glance. */
export interface Status {
  readonly name: string;
  readonly tiers: readonly TierStatus[];
  /** `external`: they are at a service that this command cannot ask. */
  readonly figures: readonly Figure[] | 'external' | { readonly trouble: string };
  /** Undefined: nobody could be asked. */
  readonly alerts: readonly FiringAlert[] | undefined;
  /** Firewall policies in the site's namespaces that no manifest has, as `<kind> <namespace>/<name>`. */
  readonly foreign: readonly string[];
}

const COLUMN = 28;
const line = (name: string, text: string): string => `${name.padEnd(COLUMN)}${text}`;

/** The status as people read it. */
export function lines(status: Status): string[] {
  const { name, tiers, figures, alerts, foreign } = status;
  return [
    `${name}: ${healthy(status) ? 'well' : 'NOT WELL'}`,
    '',
    ...tiers.map((tier) => line(tier.tier, podsOf(tier))),
    '',
    ...figureLines(figures),
    ...(alerts === undefined
      ? []
      : alerts.length === 0
        ? [line('alerts', 'none fires')]
        : alerts.map((alert) => line('FIRING', `${alert.name} (${alert.severity}) ${alert.about}`.trimEnd()))),
    ...foreign.map((policy) => line('FOREIGN FIREWALL', `${policy} is in no manifest and may open what is closed`)),
  ];
}

/**
 * False when a script should stop: a tier that lacks pods, an alert that fires, a Prometheus that does not answer, a
 * firewall policy of somebody else's.
 */
export const healthy = ({ tiers, figures, alerts, foreign }: Status): boolean =>
  tiers.every(ready) &&
  foreign.length === 0 &&
  (alerts ?? []).length === 0 &&
  !(typeof figures === 'object' && 'trouble' in figures);

const ready = ({ ready, wanted }: TierStatus): boolean => wanted !== undefined && ready >= wanted;

function podsOf(tier: TierStatus): string {
  if (tier.wanted === undefined) return 'MISSING';
  const state = !ready(tier) ? 'NOT READY' : tier.done ? 'ready' : 'ready, its new version starts';
  return `${`${tier.ready}/${tier.wanted}`.padEnd(7)}${state}`;
}

function figureLines(figures: Status['figures']): string[] {
  if (figures === 'external') return [line('figures', 'at the external monitoring service; none is in the cluster')];
  if ('trouble' in figures) return [line('figures', `UNKNOWN: ${figures.trouble}`)];
  return figures.map((figure) => line(figure.name, written(figure)));
}

function written({ value, unit }: Figure): string {
  if (value === undefined) return 'no data';
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
