import { LegendDisplayMode, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
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

/** A page in Grafana's JSON model. */
export function grafana(dashboard: Dashboard, config: Config): GrafanaDashboard {
  const { name, monitoring } = config;
  const builder = new DashboardBuilder(`${name}: ${dashboard.title}`)
    .uid(uidOf(dashboard, config))
    .tags(['threewall', name])
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .refresh('30s')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  let id = 1;
  for (const { title, panels } of dashboard.rows) {
    builder.withRow(new RowBuilder(title).id(id++));
    for (const panel of panels) {
      builder.withPanel(
        drawn(panel, monitoring.intervalSeconds)
          .id(id++)
          .span(Math.floor(WIDTH / panels.length)),
      );
    }
  }
  return builder.build();
}

function drawn({ title, description, unit, queries }: Panel, intervalSeconds: number): PanelBuilder {
  const source = { type: 'prometheus', uid: '$datasource' };
  const panel = new PanelBuilder()
    .title(title)
    .datasource(source)
    .unit(unit)
    .min(0)
    .height(HEIGHT)
    .fillOpacity(10)
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List))
    .targets(
      queries.map(({ expr, legend }, index) =>
        new DataqueryBuilder()
          .refId(String.fromCharCode(65 + index))
          .datasource(source)
          .expr(expr)
          .legendFormat(legend)
          // Grafana derives a rate's minimal window from this interval of samples
          .interval(`${intervalSeconds}s`)
          .range(),
      ),
    );
  return description === undefined ? panel : panel.description(description);
}
