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

/** A question to Prometheus and what its lines are called; `{{label}}` is the value of a label. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** A diagram over time. */
export interface Panel {
  readonly title: string;
  /** What a reader must know to read it right. @default - the title says it all */
  readonly description?: string;
  /** In Grafana's words: `reqps`, `cps`, `s`, `ms`, `percentunit`, `bytes`, `Bps`, `short`. */
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

/** Units that panels are in, as Grafana calls them. */
export type Unit = 'reqps' | 'cps' | 's' | 'ms' | 'percentunit' | 'bytes' | 'Bps' | 'short' | 'iops';

/** Panels beside each other, from left to right; as wide as there are of them. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What is drawn on one page. */
export interface Dashboard {
  /** Stands in the address of the page and in links to it: never changes. */
  readonly id: 'overview' | 'load-balancer' | 'web' | 'database' | 'nodes';
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Columns of Grafana's grid. */
const WIDTH = 24;
const HEIGHT = 7;

/** The window of a rate: Grafana puts in what fits the range of time that is shown, four collections at least. */
export const WINDOW = '$__rate_interval' satisfies Window;

/** Rate of a counter, summed up by labels, or of everything. */
export const rate = (counter: string, by?: string): string =>
  `sum${by ? ` by (${by})` : ''} (rate(${counter}[${WINDOW}]))`;

/** Name of the page in Grafana, the same on every synth: the site's name keeps two sites of one Grafana apart. */
export const uidOf = (dashboard: Dashboard, { name }: Pick<Config, 'name'>): string =>
  `${name.slice(0, 40 - dashboard.id.length - 1)}-${dashboard.id}`;

/** A page as Grafana reads it. */
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
          // by it Grafana knows how often there are samples, and how wide a rate's window must be
          .interval(`${intervalSeconds}s`)
          .range(),
      ),
    );
  return description === undefined ? panel : panel.description(description);
}
