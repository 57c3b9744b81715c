import type {
  Dashboard as GrafanaDashboard,
  Panel as GrafanaPanel,
  GridPos,
  RowPanel,
  VariableType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Config } from '../../../config/schema';
import type { Window } from '../alerts/expression';

/** A Prometheus query and the legend of its lines; `{{label}}` is the value of a label. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** A diagram over time. */
export interface Panel {
  readonly title: string;
  /** What a reader must know to interpret it. @default - no description */
  readonly description?: string;
  /** Unit in Grafana's notation: `reqps`, `cps`, `s`, `ms`, `percentunit`, `bytes`, `Bps`, `short`. */
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** Units of panels, as Grafana calls them. */
export type Unit = 'reqps' | 'cps' | 's' | 'ms' | 'percentunit' | 'bytes' | 'Bps' | 'short' | 'iops';

/** Panels beside each other, from left to right, of equal width. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What is drawn on one page. */
export interface Dashboard {
  /** Part of the page's URL and of links to it: never changes. */
  readonly id: 'overview' | 'load-balancer' | 'web' | 'database' | 'nodes';
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Columns of Grafana's grid. */
const WIDTH = 24;
const HEIGHT = 7;

/** The window of a rate: Grafana inserts what fits the shown time range, at least four collections. */
export const WINDOW = '$__rate_interval' satisfies Window;

/** Rate of a counter, summed by labels or over everything. */
export const rate = (counter: string, by?: string): string =>
  `sum${by ? ` by (${by})` : ''} (rate(${counter}[${WINDOW}]))`;

/** Id of the page in Grafana, stable over synths; the site's name distinguishes two sites in one Grafana. */
export const uidOf = (dashboard: Dashboard, { name }: Pick<Config, 'name'>): string =>
  `${name.slice(0, 40 - dashboard.id.length - 1)}-${dashboard.id}`;

/**
 * A page in Grafana's JSON model, of which the SDK is the types: each synth would load 490 KB for its builders.
 * @see https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function grafana(dashboard: Dashboard, config: Config): GrafanaDashboard {
  const { name, monitoring } = config;
  return {
    timezone: 'browser',
    editable: false,
    graphTooltip: 0,
    fiscalYearStartMonth: 0,
    schemaVersion: 42,
    templating: { list: [VARIABLE] },
    annotations: {},
    title: `${name}: ${dashboard.title}`,
    uid: uidOf(dashboard, config),
    tags: ['threewall', name],
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    panels: placed(dashboard.rows, monitoring.intervalSeconds),
  };
}

/** Which Prometheus is asked: chosen by the reader of the page. */
const VARIABLE = {
  type: 'datasource' as VariableType.Datasource,
  name: 'datasource',
  skipUrlSync: false,
  multi: false,
  allowCustomValue: true,
  includeAll: false,
  auto: false,
  auto_min: '10s',
  auto_count: 30,
  label: 'Prometheus',
  query: 'prometheus',
};
const SOURCE = { type: 'prometheus', uid: '$datasource' };

/** Each row's title above its panels. */
function placed(rows: readonly Row[], intervalSeconds: number): (GrafanaPanel | RowPanel)[] {
  let id = 1;
  return rows.flatMap(({ title, panels }, index) => {
    const [y, w] = [index * (1 + HEIGHT), Math.floor(WIDTH / panels.length)];
    return [
      { type: 'row', collapsed: false, id: id++, panels: [], title, gridPos: { x: 0, y, h: 1, w: WIDTH } },
      ...panels.map((panel, column) => {
        const gridPos = { h: HEIGHT, w, x: column * w, y: y + 1 };
        return { ...drawn(panel, gridPos, intervalSeconds), id: id++ };
      }),
    ];
  });
}

function drawn(panel: Panel, gridPos: GridPos, intervalSeconds: number): GrafanaPanel {
  const { title, description, unit, queries } = panel;
  const query = ({ expr, legend }: Query, index: number) =>
    ({
      expr,
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      legendFormat: legend,
      // Grafana derives a rate's minimal window from this interval of samples
      interval: `${intervalSeconds}s`,
      range: true,
      instant: false,
    }) satisfies Partial<Dataquery> as Dataquery;
  return {
    type: 'timeseries',
    transparent: false,
    repeatDirection: 'h',
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'single', sort: 'asc' },
    },
    fieldConfig: { defaults: { custom: { fillOpacity: 10 }, unit, min: 0 }, overrides: [] },
    title,
    datasource: SOURCE,
    gridPos,
    targets: queries.map(query),
    description,
  };
}
