import { type AppConfig, healthOf, isOwnImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { appPortName } from '../topology';

/** Probes of an app server. */
export type Probes = Pick<k8s.Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;

/**
 * Probes of the kubelet for an app server. They send the site's Host and the visitors' scheme: frameworks refuse any
 * other host and redirect plain http to https. Liveness never checks what readiness checks: a lost database must not
 * restart all app servers.
 */
export function probesOf(config: Config): Probes {
  const { app, domain, tls } = config;
  const { ready, live, port = app.port } = healthOf(app);
  // the kubelet has no client certificate, which the port for web servers requires
  const encrypted = tls.reencrypt === 'app' && !isOwnImage(app);
  const name = encrypted ? 'metrics' : appPortName(port, config);
  const headers = [
    { name: 'Host', value: domain },
    { name: 'X-Forwarded-Proto', value: 'https' },
  ];
  const asked = (path: string | undefined): k8s.Probe => {
    if (path === undefined) return { tcpSocket: { port: k8s.IntOrString.fromString('http') } };
    const httpGet = { path, port: k8s.IntOrString.fromString(name) };
    return { httpGet: isOwnImage(app) ? { ...httpGet, httpHeaders: headers } : httpGet };
  };
  // a path that depends on the database must neither fail the first start nor cause a restart
  const alive = asked(live);
  return {
    startupProbe: { ...alive, periodSeconds: 1, failureThreshold: app.startSeconds },
    // a TCP check only detects an ended process, which the kubelet notices by itself
    livenessProbe:
      live === undefined && ready === undefined
        ? undefined
        : { ...alive, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: livenessFailures(app) },
    readinessProbe: { ...asked(ready), periodSeconds: 3, timeoutSeconds: 5, failureThreshold: 2 },
  };
}

/**
 * How often in a row liveness may fail, each time after 10 s; Kubernetes' own number for the sample site. An app with few
 * workers answers nothing while all of them are at work, each for `timeoutSeconds` at most: that must not end it, or a few
 * visitors of slow pages would.
 */
const livenessFailures = (app: AppConfig): number | undefined =>
  isOwnImage(app) ? Math.max(3, Math.ceil((2 * app.timeoutSeconds) / 10)) : undefined;
