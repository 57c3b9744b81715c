/** Series by their selectors, in the words of `promtool test rules`: samples every `interval`. */
export type Series = Readonly<Record<string, string>>;

/** Data that makes an alert fire, and data that nearly does. */
export interface Case {
  readonly fires: Series;
  readonly quiet: Series;
  /** Time between two samples. @default - 30 seconds */
  readonly interval?: string;
  /** When to look. @default - after two hours */
  readonly at?: string;
}

/** The same value all the time. */
export const still = (value: number): string => `${value}+0x300`;
/** A counter. */
export const growing = (by: number): string => `0+${by}x300`;
/** Samples for an hour and a half, then none. */
export const lost = '1+0x180';

/** Answers of a web server. */
export const access = (failed: number, ok: number): Series => ({
  'nginx_access_requests_total{k8s_pod_name="web-1", status_class="5xx"}': growing(failed),
  'nginx_access_requests_total{k8s_pod_name="web-1", status_class="2xx"}': growing(ok),
});
/** One series per pod. */
export const pods = (name: string, ...values: number[]): Series =>
  Object.fromEntries(values.map((value, n) => [`${name}{k8s_pod_name="pod-${n}"}`, still(value)]));
/** A share of a whole, in percent. */
export const ratio = (
  part: string,
  whole: string,
  shares: readonly [number, number],
  labels = 'k8s_pod_name="pod-0"',
) =>
  ({
    fires: { [`${part}{${labels}}`]: still(shares[0]), [`${whole}{${labels}}`]: still(100) },
    quiet: { [`${part}{${labels}}`]: still(shares[1]), [`${whole}{${labels}}`]: still(100) },
  }) satisfies Case;
/** A selector. */
export const haproxy = (name: string, service: string) =>
  `${name}{haproxy_proxy_name="${service === 'BACKEND' ? 'web' : 'https'}", haproxy_service_name="${service}", k8s_pod_name="lb-0"}`;
/** Answers of which some take more than three seconds. */
export const latency = (slow: number): Series => ({
  'nginx_access_duration_bucket_total{k8s_pod_name="web-1", le="3"}': growing(1000 - slow),
  'nginx_access_duration_bucket_total{k8s_pod_name="web-1", le="+Inf"}': growing(1000),
});
/** Promtool's clock begins at 0. */
export const ends = (seconds: number, of = 'web'): Series => ({
  [`${of}_certificate_not_after_seconds`]: still(seconds),
});
/** A week of samples. */
export const week = { interval: '10m', at: '170h' };
/** Seconds. */
export const DAY = 86_400;
/** What succeeded more than a day ago, and what succeeded in time. */
export const aDay = (metric: string): Case => ({
  fires: { [metric]: '0+0x400' },
  quiet: { [metric]: '0+0x250 18000+0x150' },
  interval: '5m',
  at: '28h',
});
