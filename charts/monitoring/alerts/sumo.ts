import type { Config } from '../../../config/schema';
import { environmentOf } from '../collector/places';
import type { Alert, Severity } from './alert';
import type { Condition, Expression, Metric, Side, Where } from './expression';
import { secondsOf } from './promql';

/** A row of a metrics query; rows refer to each other: `#A / #B along k8s.pod.name`. */
interface Row {
  readonly rowId: string;
  readonly query: string;
}

/** A condition that a monitor of Sumo Logic cannot express, with the reason. */
class Inexpressible extends Error {}

const TRIGGER: Readonly<Record<Severity, string>> = { page: 'Critical', ticket: 'Warning', info: 'Warning' };
/** Shortest window of a monitor. */
const SHORTEST_SECONDS = 60;

/**
 * An alert as a monitor in the format of Sumo Logic's export, which its monitors library imports.
 * @throws Inexpressible with the reason
 * @see https://help.sumologic.com/docs/metrics/metrics-operators/
 */
function sumoMonitor(alert: Alert, config: Config): object {
  const { condition } = alert;
  const rows = rowsOf(condition, config);
  const window = `-${Math.ceil(Math.max(SHORTEST_SECONDS, secondsOf(alert.for)) / 60)}m`;
  const trigger = (triggerType: string, thresholdType: string, threshold: number, more: object = {}) => ({
    detectionMethod: 'StaticCondition',
    triggerType,
    threshold,
    thresholdType,
    timeRange: window,
    occurrenceType: alert.for === '0s' ? 'AtLeastOnce' : 'Always',
    triggerSource: 'AnyTimeSeries',
    ...more,
  });
  const missing = [
    { ...trigger('MissingData', 'GreaterThan', 0), timeRange: '-5m', occurrenceType: 'MissingData' },
    { ...trigger('ResolvedMissingData', 'GreaterThan', 0), timeRange: '-5m', occurrenceType: 'MissingData' },
  ];
  const compared =
    condition.kind === 'compare'
      ? [
          trigger(TRIGGER[alert.severity], condition.is === '>' ? 'GreaterThan' : 'LessThan', condition.threshold),
          trigger(
            `Resolved${TRIGGER[alert.severity]}`,
            condition.is === '>' ? 'LessThanOrEqual' : 'GreaterThanOrEqual',
            condition.threshold,
            { occurrenceType: 'Always' },
          ),
        ]
      : [];
  return {
    type: 'MonitorsLibraryMonitorExport',
    name: `${environmentOf(config)}: ${alert.name}`,
    description: alert.summary,
    monitorType: 'Metrics',
    evaluationDelay: '1m',
    queries: rows,
    triggers: [...compared, ...(condition.kind === 'silent' || condition.orAbsent ? missing : [])],
    notifications: [],
    isDisabled: false,
    groupNotifications: true,
    playbook: `docs/runbooks.md#${alert.name.toLowerCase()}`,
  };
}

function rowsOf(condition: Condition, config: Config): Row[] {
  if (condition.kind === 'silent') {
    const names = condition.metrics.map(({ otel }) => `metric=${otel}`).join(' or ');
    const scope = `deployment.environment=${environmentOf(config)}`;
    return [{ rowId: 'A', query: `(${names}) ${scope} | count by ${condition.by}` }];
  }
  if (condition.and)
    throw new Inexpressible('two windows at once: a monitor has one; Sumo Logic has SLOs of its own for this');
  const rows: Row[] = [];
  const last = row(condition.of, config, rows);
  // the trigger evaluates the last row
  if (!last.startsWith('#') || rows.at(-1)?.rowId !== last.slice(1)) rows.push({ rowId: letter(rows), query: last });
  return rows;
}

const letter = (rows: readonly Row[]): string => String.fromCharCode(65 + rows.length);

/** Adds the rows that an expression needs. @returns the reference to it in another row */
function row(of: Side, config: Config, rows: Row[]): string {
  if (typeof of === 'number') return String(of);
  if (of.kind !== 'math') {
    const rowId = letter(rows);
    rows.push({ rowId, query: query(of, config) });
    return `#${rowId}`;
  }
  const sides = [of.left, of.right].map((side) => {
    const text = row(side, config, rows);
    return typeof side !== 'number' && side.kind === 'math' ? `(${withoutAlong(text)})` : text;
  });
  const groups = groupsOf(of);
  const joined = `${sides[0]} ${of.operator} ${sides[1]}`;
  return groups.length > 0 && rows.length > 1 ? `${joined} along ${groups.join(', ')}` : joined;
}

const withoutAlong = (text: string): string => text.replace(/ along .*$/, '');

function groupsOf(of: Side): readonly string[] {
  if (typeof of === 'number') return [];
  if (of.kind === 'group') return of.by;
  if (of.kind === 'math') return [of.left, of.right].map(groupsOf).find((by) => by.length > 0) ?? [];
  return 'of' in of ? groupsOf(of.of) : [];
}

function query(of: Exclude<Expression, { kind: 'math' }>, config: Config): string {
  switch (of.kind) {
    case 'last':
      return selector(of.metric, of.where, config);
    case 'reported':
      return selector(of.metric, {}, config);
    case 'rate':
      return `${selector(of.metric, of.where, config)} | rate counter over ${of.over}`;
    case 'group': {
      if (of.of.kind === 'math') throw new Inexpressible('a group over a calculation');
      return `${query(of.of, config)} | ${of.how}${of.by.length > 0 ? ` by ${of.by.join(', ')}` : ''}`;
    }
    case 'ago': {
      if (of.of.kind === 'math') throw new Inexpressible('a calculation of another time');
      return `${query(of.of, config)} | timeshift ${of.span}`;
    }
    case 'age':
      throw new Inexpressible('the age of a time: metrics queries have no clock');
    case 'forecast':
      throw new Inexpressible('a forecast: metrics queries have none');
  }
}

const selector = ({ otel }: Metric, where: Where, config: Config): string =>
  [
    `metric=${otel}`,
    `deployment.environment=${environmentOf(config)}`,
    ...Object.entries(where).map(([name, value]) => `${name}=${value}`),
  ].join(' ');

/** Alerts of an environment as one folder of monitors, and those that cannot be monitors with the reason. */
export function sumoFolder(alerts: readonly Alert[], config: Config) {
  const missing: Record<string, string> = {};
  const children = alerts.flatMap((alert) => {
    try {
      return [sumoMonitor(alert, config)];
    } catch (error) {
      if (!(error instanceof Inexpressible)) throw error;
      missing[alert.name] = error.message;
      return [];
    }
  });
  const name = `Threewall ${environmentOf(config)}`;
  return {
    folder: { type: 'MonitorsLibraryFolderExport', name, description: 'Written by `npm run monitors`', children },
    missing,
  };
}
