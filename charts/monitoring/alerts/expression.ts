/** A metric under its two names: as collectors ship it, and as Prometheus stores it. */
export interface Metric {
  readonly otel: string;
  readonly prometheus: string;
}

/** A time span as Prometheus writes it: `30s`, `5m`, `1h`, `3d`. */
export type Span = `${number}${'s' | 'm' | 'h' | 'd'}`;

/** Window of a rate; Grafana replaces its variable by a span that fits the shown time range. */
export type Window = Span | '$__rate_interval';

/** Attributes as collectors ship them (`k8s.pod.name`); Prometheus writes `_` for `.`. */
export type Where = Readonly<Record<string, string>>;

/** How series are aggregated to one per group; without groups, to a single one. */
type How = 'sum' | 'max' | 'min' | 'avg' | 'count';

/** A value, or one per group. Both sides of `math` must have the same groups. */
export type Expression =
  | { readonly kind: 'last'; readonly metric: Metric; readonly where: Where }
  | { readonly kind: 'reported'; readonly metric: Metric; readonly within: Span }
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

/** An operand of `math`. */
export type Side = Expression | number;

/** Condition of an alert. `and`: both at the same time. `orAbsent`: also true without data. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly of: Expression;
      readonly is: '>' | '<';
      readonly threshold: number;
      readonly and?: Condition;
      readonly orAbsent?: Metric;
    }
  /** A group that reported something within the last hour and reports nothing now. */
  | { readonly kind: 'silent'; readonly metrics: readonly Metric[]; readonly by: string };

/** Newest value of each series. */
export const last = (metric: Metric, where: Where = {}): Expression => ({ kind: 'last', metric, where });
/** Newest value of each series within the last `within`: a job reports once per run. */
export const reported = (metric: Metric, within: Span): Expression => ({ kind: 'reported', metric, within });
/** Increase of a counter per second. */
export const rate = (metric: Metric, over: Window, where: Where = {}): Expression => ({
  kind: 'rate',
  metric,
  where,
  over,
});
const group =
  (how: How) =>
  (of: Expression, ...by: string[]): Expression => ({ kind: 'group', how, by, of });
/** One value per group. */
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
/** The same expression, some time ago. */
export const ago = (of: Expression, span: Span): Expression => ({ kind: 'ago', of, span });
/** Seconds since a time that is reported as Unix time; negative for the future. */
export const age = (of: Expression): Expression => ({ kind: 'age', of });
/** Linear prediction. */
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
/** True for each group that has stopped reporting. */
export const silent = (by: string, ...metrics: Metric[]): Condition => ({ kind: 'silent', by, metrics });
