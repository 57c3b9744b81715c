import { setTimeout as sleep } from 'node:timers/promises';
import { CERTIFICATE } from '../../charts/certificate';
import { namespaceOf } from '../../charts/names';
import type { Config } from '../../config';
import { ClusterError, get } from '../cluster/kubectl';

const POLL_MS = 2000;

/** A Certificate of cert-manager, as far as `up` looks at it. */
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

/** Undefined once the certificate is issued as it is asked for now, until then why it is not. */
export function whyNotIssued({ metadata, status }: CertificateStatus): string | undefined {
  const conditions = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True' && ready.observedGeneration === metadata.generation) return undefined;
  const said = conditions.flatMap(({ type, message }) => (message ? [`${type}: ${message}`] : []));
  return said.length > 0
    ? said.join('; ')
    : 'cert-manager has said nothing of it, so it does not run or does not see it';
}

/**
 * Waits until cert-manager has issued the certificate of the site; returns at once where it comes from elsewhere.
 * @param timeout in seconds
 * @throws ClusterError with what cert-manager says
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
