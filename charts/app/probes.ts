import { healthOf, isOwnImage } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { appPortName } from '../topology';

/** Probes of an app server. */
export type Probes = Pick<k8s.Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;

/**
 * What the kubelet asks an app server. An image gets the site's Host and the scheme of the visitors: frameworks refuse any
 * other host, and redirect plain http to https. Liveness never asks what readiness asks: a database that is away must not
 * restart every app server.
 */
export function probesOf(config: Config): Probes {
  const { app, domain, tls } = config;
  const { ready, live, port = app.port } = healthOf(app);
  // the kubelet has no certificate that the port of the web servers accepts
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
  // a path that depends on the database decides neither about the first start nor about the next
  const alive = asked(live);
  return {
    startupProbe: { ...alive, periodSeconds: 1, failureThreshold: app.startSeconds },
    // where only the port can be tried, it is closed when the process is gone, and the kubelet knows that already
    livenessProbe:
      live === undefined && ready === undefined ? undefined : { ...alive, periodSeconds: 10, timeoutSeconds: 5 },
    readinessProbe: { ...asked(ready), periodSeconds: 3, timeoutSeconds: 5, failureThreshold: 2 },
  };
}
