import type { Config } from '../config/schema';

type App = Pick<Config, 'app'>;

/** Seconds between a web server's word that it stops and its stop: docs/decisions/draining.md */
export const DRAIN_SECONDS = 10;

/** Longest use of a visitor's connection; after its next answer nginx closes it. */
export const KEEPALIVE_SECONDS = 45;

/** Seconds for which an idle connection of a visitor is kept. */
export const IDLE_SECONDS = 65;

/** Seconds in which a web server that stops ends what runs: the longest answer, and what follows it. */
export const shutdownSeconds = ({ app }: App): number => 15 + app.timeoutSeconds;

/** Seconds that a web server has for its stop: the wait, what runs, and the end of nginx. */
export const webGraceSeconds = (config: App): number => Math.max(60, DRAIN_SECONDS + shutdownSeconds(config) + 5);

/** Seconds that an app server has for its stop: its addresses leave the web servers, then the longest answer. */
export const appGraceSeconds = ({ app }: App): number => 15 + Math.max(30, app.timeoutSeconds);

/** Seconds that connections get to end by themselves after a load balancer began to stop: their use, a pause, the longest answer. */
export const hardStopSeconds = ({ app }: App): number => KEEPALIVE_SECONDS + Math.max(25, app.timeoutSeconds - 5);

/** Seconds without a byte after which a load balancer closes a connection: web servers and their visitors do that before. */
export const silenceSeconds = ({ app }: App): number => 10 + Math.max(IDLE_SECONDS, app.timeoutSeconds);
