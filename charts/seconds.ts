import type { Config } from '../config/schema';

type App = Pick<Config, 'app'>;

/** Seconds between a web server's failing health check and its stop: docs/decisions/draining.md */
export const DRAIN_SECONDS = 10;

/** Longest use of a visitor's connection in seconds; nginx closes it after the next response. */
export const KEEPALIVE_SECONDS = 45;

/** Seconds for which an idle connection of a visitor is kept. */
export const IDLE_SECONDS = 65;

/** Seconds in which a stopping web server finishes open requests: the longest response plus a margin. */
export const shutdownSeconds = ({ app }: App): number => 15 + app.timeoutSeconds;

/** Seconds of a web server's whole stop: the wait, open requests, and the end of nginx. */
export const webGraceSeconds = (config: App): number => Math.max(60, DRAIN_SECONDS + shutdownSeconds(config) + 5);

/**
 * Seconds of an app server's whole stop: its address leaves the web servers' DNS answers, then the longest response.
 */
export const appGraceSeconds = ({ app }: App): number => 15 + Math.max(30, app.timeoutSeconds);

/**
 * Seconds for connections to end by themselves after a load balancer begins to stop: their use, a pause, the longest
 * response.
 */
export const hardStopSeconds = ({ app }: App): number => KEEPALIVE_SECONDS + Math.max(25, app.timeoutSeconds - 5);

/**
 * Seconds without a byte after which a load balancer closes a connection: web servers and visitors close it earlier.
 */
export const silenceSeconds = ({ app }: App): number => 10 + Math.max(IDLE_SECONDS, app.timeoutSeconds);
