import { setTimeout as sleep } from 'node:timers/promises';
import { CERTIFICATE } from '../../charts/certificate';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { ClusterError, get } from '../cluster/kubectl';
import { UsageError } from '../command';

const POLL_MS = 2000;

/** The parts of cert-manager's Certificate that `up` reads. */
export interface CertificateStatus {
  readonly metadata: { readonly generation?: number };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly observedGeneration?: number;
    }[];
  };
}

/** Why the certificate is not yet issued as requested now; undefined once it is. */
export function whyNotIssued({ metadata, status }: CertificateStatus): string | undefined {
  const conditions = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True' && ready.observedGeneration === metadata.generation) return undefined;
  const said = conditions.flatMap(({ type, message }) => (message ? [`${type}: ${message}`] : []));
  return said.length > 0
    ? said.join('; ')
    : 'cert-manager has said nothing of it, so it does not run or does not see it';
}

/** The parts of cert-manager's issuer that `up` reads. */
export interface Issuer {
  readonly spec: {
    readonly acme?: { readonly solvers?: readonly { readonly http01?: object; readonly dns01?: object }[] };
  };
}

/**
 * Why an issuer can never issue, undefined when it may. HTTP-01 is answered by a pod of cert-manager, to which the
 * firewalls admit no connection, at a port that here answers redirects only: docs/decisions/acme.md
 */
export function whyNeverIssued({ spec }: Issuer): string | undefined {
  const solvers = spec.acme?.solvers ?? [];
  return solvers.length > 0 && solvers.every(({ http01, dns01 }) => http01 && !dns01)
    ? 'solves HTTP-01 alone, which cannot pass the load balancer and the firewalls; give it a solver for DNS-01 (https://cert-manager.io/docs/configuration/acme/dns01/)'
    : undefined;
}

/** Checks the issuer before anything is applied. @throws UsageError when it is missing or can never issue */
export async function checkIssuer(config: Config): Promise<void> {
  const { certificate } = config.tls;
  if (certificate.source !== 'cert-manager') return;
  const { kind, name } = certificate.issuer;
  const where = kind === 'Issuer' ? namespaceOf('web', config) : undefined;
  const issuer = await get<Issuer>(`${kind.toLowerCase()}s.cert-manager.io`, name, where).catch(() => undefined);
  const why = issuer && whyNeverIssued(issuer);
  if (why) throw new UsageError(`tls.certificate.issuer: ${kind} ${name} ${why}`);
}

/**
 * Waits until cert-manager has issued the certificate of the site; returns at once if it comes from elsewhere.
 * @param timeout in seconds
 * @throws ClusterError with cert-manager's message
 */
export async function waitForCertificate(config: Config, timeout: number): Promise<void> {
  const { certificate } = config.tls;
  if (certificate.source !== 'cert-manager') return;
  const namespace = namespaceOf('web', config);
  const deadline = Date.now() + timeout * 1000;
  for (;;) {
    const found = await get<CertificateStatus>('certificates.cert-manager.io', CERTIFICATE, namespace);
    const why = found ? whyNotIssued(found) : 'it was deleted';
    if (why === undefined) break;
    if (Date.now() > deadline) {
      const { kind, name } = certificate.issuer;
      throw new ClusterError(
        `Certificate ${namespace}/${CERTIFICATE}: not issued by ${kind} ${name} within ${timeout} s: ${why}\n  see \`kubectl describe certificate,certificaterequest -n ${namespace}\``,
      );
    }
    await sleep(POLL_MS);
  }
  console.log(`certificate of ${config.domain}: issued by ${certificate.issuer.kind} ${certificate.issuer.name}`);
}
