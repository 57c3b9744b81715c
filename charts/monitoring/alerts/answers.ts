import { type Expression, over, rate, sum, type Window } from './expression';
import { metrics } from './metrics';

/** Responses per second of the web servers; the same query for alerts, dashboards and `status`. */
export const answers = (window: Window): Expression => sum(rate(metrics.accessRequests, window));

/** The share of failed responses (5xx), whichever server behind the web servers caused them. */
export const failed = (window: Window): Expression =>
  over(sum(rate(metrics.accessRequests, window, { status_class: '5xx' })), answers(window));

/** Responses per second by bucket of their duration, the input of a quantile. */
export const durations = (window: Window): Expression => sum(rate(metrics.accessDuration, window), 'le');
