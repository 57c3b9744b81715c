/** What is asked for, under the two names that it has: as collectors ship it, and as Prometheus stores it. */
export interface Metric {
  readonly otel: string;
  readonly prometheus: string;
}

/** A time span in Prometheus' words: `30s`, `5m`, `1h`, `3d`. */
export type Span = `${number}${'s' | 'm' | 'h' | 'd'}`;

/** What a rate is taken over; Grafana puts a span in that fits the range of time that is shown. */
export type Window = Span | '$__rate_interval';

/** Attributes as collectors ship them (`k8s.pod.name`); Prometheus writes `_` for `.`. */
export type Where = Readonly<Record<string, string>>;

/** How series become one for each group: none named is one for all. */
type How = 'sum' | 'max' | 'min' | 'avg' | 'count';

/** A figure, or several by their groups. Both sides of `math` must have the same groups. */
export type Expression =
  | { readonly kind: 'last'; readonly metric: Metric; readonly where: Where }
  | { readonly kind: 'told'; readonly metric: Metric; readonly within: Span }
  | { readonly kind: 'rate'; readonly metric: Metric; readonly where: Where; readonly over: Window }
  | { readonly kind: 'group'; readonly how: How; readonly by: readonly string[]; readonly of: Expression }
  | { readonly kind: 'math'; readonly operator: '+' | '-' | '*' | '/'; readonly left: Side; readonly right: Side }
  | { readonly kind: 'ago'; readonly span: Span; readonly of: Expression }
  | { readonly kind: 'age'; readonly of: Expression }
  | {
      readonly kind: 'forecast';
      readonly metric: Metric;
      readonly where: Where;
      readonly from: Span;
      readonly ahead: Span;
    };

/** One side of `math`. */
export type Side = Expression | number;

/** When an alert is due. `and`: at the same time. `orAbsent`: also when there is nothing to compare. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly of: Expression;
      readonly is: '>' | '<';
      readonly threshold: number;
      readonly and?: Condition;
      readonly orAbsent?: Metric;
    }
  /** A group that told something within the last hour, and tells nothing any more. */
  | { readonly kind: 'silent'; readonly metrics: readonly Metric[]; readonly by: string };

/** Newest value of each series. */
export const last = (metric: Metric, where: Where = {}): Expression => ({ kind: 'last', metric, where });
/** Newest value of each series of the last `within`: what a job says once is not heard again until its next run. */
export const told = (metric: Metric, within: Span): Expression => ({ kind: 'told', metric, within });
/** Increase of a counter a second. */
export const rate = (metric: Metric, over: Window, where: Where = {}): Expression => ({
  kind: 'rate',
  metric,
  where,
  over,
});
const group =
  (how: How) =>
  (of: Expression, ...by: string[]): Expression => ({ kind: 'group', how, by, of });
/** One figure for each group. */
export const [sum, max, min, avg, count] = [
  group('sum'),
  group('max'),
  group('min'),
  group('avg'),
  group('count'),
] as const;
const math =
  (operator: '+' | '-' | '*' | '/') =>
  (left: Side, right: Side): Expression => ({ kind: 'math', operator, left, right });
/** Arithmetic, group by group. */
export const [plus, minus, times, over] = [math('+'), math('-'), math('*'), math('/')] as const;
/** The same, some time before. */
export const ago = (of: Expression, span: Span): Expression => ({ kind: 'ago', of, span });
/** Seconds since a time that is told as a Unix time; negative before it. */
export const age = (of: Expression): Expression => ({ kind: 'age', of });
/** What it will be if it goes on as it did. */
export const forecast = (metric: Metric, from: Span, ahead: Span, where: Where = {}): Expression => ({
  kind: 'forecast',
  metric,
  where,
  from,
  ahead,
});
/** True while `of` is more than `threshold`. */
export const above = (of: Expression, threshold: number, and?: Condition): Condition => ({
  kind: 'compare',
  of,
  is: '>',
  threshold,
  and,
});
/** True while `of` is less than `threshold`. */
export const below = (of: Expression, threshold: number, orAbsent?: Metric): Condition => ({
  kind: 'compare',
  of,
  is: '<',
  threshold,
  orAbsent,
});
/** True for each group of which nothing is heard any more. */
export const silent = (by: string, ...metrics: Metric[]): Condition => ({ kind: 'silent', by, metrics });
