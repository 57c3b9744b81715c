import { hasLastingWorkers, healthOf, isOwnImage } from '../../../config/app-facts';
import type { Config } from '../../../config/schema';
import { appAnswers, times } from './answers';
import { type Panel, type Row, rate } from './panels';
import { of, usage, VISITORS } from './shared';

type App = Pick<Config, 'app'>;

/** What the app does, fails at, takes and has left: a panel each, for the overview. */
export type AppOverview = Readonly<Record<'traffic' | 'errors' | 'latency' | 'saturation', Panel>>;

const PODS = 'k8s_pod_name=~"app-.*"';
const EACH = '{{k8s_pod_name}}';

/** The sample site counts its own requests; of an image the kubelet reports the resource use of its pods, and its health whether they are ready. */
export const appOverview = ({ app }: App): AppOverview => (isOwnImage(app) ? ofImage(app) : SAMPLE);

const SAMPLE: AppOverview = {
  traffic: {
    title: 'App: requests of visitors',
    unit: 'reqps',
    queries: [{ expr: `${rate(`http_requests_total{${VISITORS}}`)} or vector(0)`, legend: 'requests' }],
  },
  errors: {
    title: 'App: share of failed answers (5xx)',
    unit: 'percentunit',
    queries: [{ expr: appAnswers.failed, legend: 'failed' }],
  },
  latency: {
    title: 'App: time to answer',
    description: 'Empty without visitors.',
    unit: 's',
    queries: times(appAnswers, 0.5, 0.99),
  },
  saturation: {
    title: 'App: database connections in use',
    unit: 'percentunit',
    queries: [
      {
        expr: 'max by (pool) (database_pool_connections{state="in_use"} / ignoring(state) database_pool_connections{state="limit"})',
        legend: '{{pool}}',
      },
    ],
  },
};

const network: Panel = {
  title: 'App: bytes of its pods, in and out',
  unit: 'Bps',
  queries: [{ expr: rate(`k8s_pod_network_io_bytes_total{${PODS}}`, 'direction'), legend: '{{direction}}' }],
};

/** Without a health path no collector asks the app anything: then pods are counted. */
const ready = (app: Config['app']): Panel =>
  healthOf(app).ready
    ? {
        title: 'App: servers that are ready',
        unit: 'short',
        queries: [
          { expr: `sum by (k8s_pod_name) (httpcheck_status{${of.app}, http_status_class="2xx"})`, legend: EACH },
        ],
      }
    : { title: 'App: pods', unit: 'short', queries: [{ expr: `count(k8s_pod_cpu_usage{${PODS}})`, legend: 'pods' }] };

const ofImage = (app: Config['app']): AppOverview => ({
  traffic: network,
  errors: ready(app),
  latency: {
    title: 'App: processor of each pod, in cores',
    unit: 'short',
    queries: [{ expr: `sum by (k8s_pod_name) (k8s_pod_cpu_usage{${PODS}})`, legend: EACH }],
  },
  saturation: {
    title: 'App: memory of each pod',
    unit: 'bytes',
    queries: [{ expr: `sum by (k8s_pod_name) (k8s_pod_memory_working_set_bytes{${PODS}})`, legend: EACH }],
  },
});

/** Rows about app servers and workers on the page of the web servers. */
export const appRows = ({ app }: App): readonly Row[] => [
  ...(isOwnImage(app) ? [{ title: 'App servers', panels: [network, ready(app)] }] : SAMPLE_ROWS),
  { title: 'Pods', panels: usage('web', '(web|app)-.*') },
  ...(hasLastingWorkers(app)
    ? [{ title: 'Workers and schedules', panels: usage('worker', '(worker|schedule)-.*') }]
    : []),
];

const SAMPLE_ROWS: readonly Row[] = [
  {
    title: 'App servers',
    panels: [
      {
        title: 'Requests of visitors by route',
        unit: 'reqps',
        queries: [{ expr: rate(`http_requests_total{${VISITORS}}`, 'route'), legend: '{{route}}' }],
      },
      {
        title: 'Share of failed answers of the app (5xx)',
        unit: 'percentunit',
        queries: [{ expr: appAnswers.failed, legend: 'failed' }],
      },
      {
        title: 'Time of the app to answer',
        description: 'Empty without visitors.',
        unit: 's',
        queries: times(appAnswers, 0.5, 0.9, 0.99),
      },
      {
        title: 'App servers that are ready, as checked by the collector',
        unit: 'short',
        queries: [
          { expr: `sum by (k8s_pod_name) (httpcheck_status{${of.app}, http_status_class="2xx"})`, legend: EACH },
        ],
      },
    ],
  },
  {
    title: 'What the app has left',
    panels: [
      {
        title: 'Delay of the event loop, p99',
        unit: 's',
        queries: [{ expr: `max by (k8s_pod_name) (nodejs_eventloop_lag_p99_seconds{${of.app}})`, legend: EACH }],
      },
      {
        title: 'Database connections',
        unit: 'short',
        queries: [{ expr: 'sum by (pool, state) (database_pool_connections)', legend: '{{pool}}, {{state}}' }],
      },
      {
        title: 'Reads that the primary served because the replica was lost',
        unit: 'reqps',
        queries: [{ expr: rate('database_fallback_reads_total', 'k8s_pod_name'), legend: EACH }],
      },
    ],
  },
];
