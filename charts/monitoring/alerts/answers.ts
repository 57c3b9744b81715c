import { type Expression, over, rate, sum, type Window } from './expression';
import { metrics } from './metrics';

/** What the web servers answered their visitors, a second: alerts, dashboards and the status ask the same. */
export const answers = (window: Window): Expression => sum(rate(metrics.accessRequests, window));

/** The share of it that failed: faults of the site, whoever behind the web servers made them. */
export const failed = (window: Window): Expression =>
  over(sum(rate(metrics.accessRequests, window, { status_class: '5xx' })), answers(window));

/** Answers a second by the bounds of the time that they took, which is what a quantile is made of. */
export const durations = (window: Window): Expression => sum(rate(metrics.accessDuration, window), 'le');
