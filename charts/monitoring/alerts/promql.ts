import type { Condition, Expression, Metric, Side, Where } from './expression';

/** An attribute's name as Prometheus writes it; `service.name` becomes `job`. */
const label = (attribute: string): string => (attribute === 'service.name' ? 'job' : attribute.replaceAll('.', '_'));

const selector = ({ prometheus }: Metric, where: Where): string => {
  const matchers = Object.entries(where).map(([name, value]) => `${label(name)}="${value}"`);
  return matchers.length > 0 ? `${prometheus}{${matchers.join(', ')}}` : prometheus;
};

/** An expression in Prometheus' language. */
export function promql(of: Side, shift = ''): string {
  if (typeof of === 'number') return String(of);
  switch (of.kind) {
    case 'last':
      return `${selector(of.metric, of.where)}${shift}`;
    case 'reported':
      return `last_over_time(${selector(of.metric, {})}[${of.within}]${shift})`;
    case 'rate':
      return `rate(${selector(of.metric, of.where)}[${of.over}]${shift})`;
    case 'group':
      return `${of.how}${of.by.length > 0 ? ` by (${of.by.map(label).join(', ')})` : ''} (${promql(of.of, shift)})`;
    case 'math':
      return `(${promql(of.left, shift)} ${of.operator} ${promql(of.right, shift)})`;
    case 'ago':
      return promql(of.of, ` offset ${of.span}`);
    case 'age':
      return `(time() - ${promql(of.of, shift)})`;
    case 'forecast':
      return `predict_linear(${selector(of.metric, of.where)}[${of.from}], ${secondsOf(of.ahead)})`;
  }
}

/** A condition in Prometheus' language: it returns series while it holds, none otherwise. */
export function promqlCondition(condition: Condition): string {
  if (condition.kind === 'silent') {
    const heard = condition.metrics.map(({ prometheus }) => prometheus);
    return heard
      .map((name) => {
        const by = `by (${label(condition.by)})`;
        return `(count ${by} (last_over_time(${name}[1h])) unless count ${by} (${name}))`;
      })
      .join(' or ');
  }
  const { of, is, threshold, and, orAbsent } = condition;
  const compared = `${promql(of)} ${is} ${threshold}`;
  return [
    compared,
    ...(and ? [`and ${promqlCondition(and)}`] : []),
    ...(orAbsent ? [`or absent(${orAbsent.prometheus})`] : []),
  ].join(' ');
}

/** Seconds of a span. */
export function secondsOf(span: string): number {
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[span.slice(-1)] ?? Number.NaN;
  return Number.parseInt(span, 10) * unit;
}

/** Every metric that an expression uses. */
export function metricsOf(of: Side): readonly Metric[] {
  if (typeof of === 'number') return [];
  if (of.kind === 'math') return [...metricsOf(of.left), ...metricsOf(of.right)];
  return 'metric' in of ? [of.metric] : metricsOf((of as Extract<Expression, { of: Expression }>).of);
}

/** Every metric that a condition uses. */
export const conditionMetrics = (condition: Condition): readonly Metric[] =>
  condition.kind === 'silent'
    ? condition.metrics
    : [...metricsOf(condition.of), ...(condition.and ? conditionMetrics(condition.and) : [])];
