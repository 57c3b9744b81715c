import { createServer as createPlain } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from './database';
import { listen, setTimeouts, stop } from './lifecycle';
import { describe, log } from './log';
import { createMetrics, createMetricsServer } from './metrics';
import { readSettings, type Settings, SettingsError } from './settings';
import { createListener, createRoutes } from './site';
import { SECURITY_HEADERS, serveStatic } from './static-files';
import { MysqlStore } from './store';
import { createMutual } from './tls';

/** Defined by the build: bundle/site.ts. */
declare const STATIC_VERSION: string;

/** Milliseconds for closing the database connections. */
const CLOSE_MS = 2000;

async function run(settings: Settings): Promise<void> {
  const { databaseName: database, databaseUser: user, passwordFile, caFile, connections } = settings;
  const common = { database, user, passwordFile, caFile, connections };
  const writer = new Database({ ...common, role: 'primary', host: settings.primaryHost, port: settings.primaryPort });
  const reader = new Database({ ...common, role: 'replica', host: settings.replicaHost, port: settings.replicaPort });
  const metrics = createMetrics({ writer: () => writer.use, reader: () => reader.use });
  const store = new MysqlStore(writer, reader, metrics.fallbackRead, (error) => {
    log({ level: 'warn', message: 'the reader is lost, the writer serves reads', error: describe(error) });
  });

  const abort = new AbortController();
  const stopping = () => abort.signal.aborted;
  const routes = createRoutes({
    store,
    podName: settings.podName,
    siteName: settings.siteName,
    staticVersion: STATIC_VERSION,
    stopping,
    staticFiles: settings.staticDir === undefined ? undefined : serveStatic(settings.staticDir),
  });
  const listener = createListener(routes, metrics, stopping);
  const { tlsDir, tlsClientName } = settings;
  const server = tlsDir && tlsClientName ? createMutual(tlsDir, tlsClientName, listener) : createPlain(listener);
  if (settings.staticDir !== undefined) {
    server.prependListener('request', (_, response) => {
      response.setHeaders(new Map(Object.entries(SECURITY_HEADERS)));
    });
  }
  setTimeouts(server);
  const metricsServer = createMetricsServer(metrics.registry, listener);
  const port = await listen(server, settings.port);
  const metricsPort = await listen(metricsServer, settings.metricsPort);
  log({ level: 'info', message: 'listening', port, metricsPort, node: process.version });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      log({ level: 'info', message: 'stopping', signal });
      abort.abort();
      await stop(server, settings.drainSeconds);
      await Promise.race([Promise.all([writer.close(), reader.close()]), sleep(CLOSE_MS)]);
      log({ level: 'info', message: 'stopped' });
      process.exit(0);
    });
  }
  await prepare(store, abort.signal);
}

/** Creates the table as soon as the primary takes writes; requests are served meanwhile. */
async function prepare(store: MysqlStore, signal: AbortSignal): Promise<void> {
  for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 5000)) {
    try {
      await store.prepare();
      log({ level: 'info', message: 'the table is ready' });
      return;
    } catch (error) {
      log({ level: 'warn', message: 'the table is not ready', error: describe(error), retryMilliseconds: wait });
      await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }
}

function fail(error: unknown, code: number): never {
  log({ level: 'fatal', message: 'the site stops', error: describe(error) });
  process.exit(code);
}

process.on('uncaughtException', (error) => fail(error, 1));
process.on('unhandledRejection', (error) => fail(error, 1));
try {
  run(readSettings(process.env)).catch((error: unknown) => fail(error, 1));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
