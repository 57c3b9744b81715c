import type { Config } from '../../../config/schema';
import { answers, durations, failed } from '../alerts/answers';
import { metrics } from '../alerts/metrics';
import { promql } from '../alerts/promql';
import { type Panel, type Query, type Row, rate, WINDOW } from './panels';
import { of, VISITORS } from './shared';

type Monitoring = Pick<Config['monitoring'], 'collectLogs'>;

/** Share of 5xx among the app's responses; no value without visitors. */
const appErrorRatio = `(${rate(`http_requests_total{${VISITORS}, status=~"5.."}`)} or vector(0)) / (${rate(`http_requests_total{${VISITORS}}`)} > 0)`;

/** Quality of responses as measured by one kind of server. */
export interface Answers {
  /** Share of failed responses, 0 to 1; no value without visitors. */
  readonly failed: string;
  /** Seconds within which a share of the responses is given. */
  readonly quantile: (share: number) => string;
}

const quantile = (buckets: string) => (share: number) => `histogram_quantile(${share}, ${buckets})`;

/** As the app counts: without requests that never reached it or ended before. */
export const appAnswers: Answers = {
  failed: appErrorRatio,
  quantile: quantile(rate(`http_request_duration_seconds_bucket{${VISITORS}}`, 'le')),
};

/** As the web servers logged them, which is what visitors got. An unused status class has no series. */
const webAnswers: Answers = {
  failed: `${promql(failed(WINDOW))} or 0 * (${promql(answers(WINDOW))} > 0)`,
  quantile: quantile(promql(durations(WINDOW))),
};

/** Without an access log, the app's metrics are the nearest to the visitor. */
export const answersOf = ({ collectLogs }: Monitoring): Answers => (collectLogs ? webAnswers : appAnswers);

/** Response times as lines of a panel. */
export const times = ({ quantile }: Answers, ...shares: number[]): readonly Query[] =>
  shares.map((share) => ({ expr: quantile(share), legend: `p${share * 100}` }));

const classes: Panel = {
  title: 'Answers by class of status',
  description: 'From the access log, which has visitors only.',
  unit: 'reqps',
  queries: [{ expr: rate(metrics.accessRequests.prometheus, 'status_class'), legend: '{{status_class}}' }],
};

/** Responses to visitors, for the page of the web servers. */
export const visitorsRow: Row = {
  title: 'What visitors got',
  panels: [
    classes,
    { title: 'Share of failed answers', unit: 'percentunit', queries: [{ expr: webAnswers.failed, legend: '5xx' }] },
    { title: 'Time to answer', unit: 's', queries: times(webAnswers, 0.5, 0.9, 0.99) },
  ],
};

/** Errors of the web servers, for the overview. Without an access log only their connections are known. */
export const webErrors = ({ collectLogs }: Monitoring): Panel =>
  collectLogs
    ? { ...classes, title: 'Web: answers by class of status' }
    : {
        title: 'Web: connections dropped',
        unit: 'cps',
        queries: [
          {
            expr: `${rate(`nginx_connections_accepted_total{${of.web}}`)} - ${rate(`nginx_connections_handled_total{${of.web}}`)}`,
            legend: 'accepted, not handled',
          },
        ],
      };

/** Response times of the web servers, for the overview. */
export const webLatency = ({ collectLogs }: Monitoring): Panel =>
  collectLogs
    ? {
        title: 'Web: time to answer',
        description: 'Empty without visitors.',
        unit: 's',
        queries: times(webAnswers, 0.5, 0.99),
      }
    : {
        title: 'Web: requests in progress',
        description: 'Requests at a time are their rate multiplied by the time that each takes.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (state) (nginx_connections_current{${of.web}, state=~"reading|writing"})`,
            legend: '{{state}}',
          },
        ],
      };
