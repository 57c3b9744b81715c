import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import {
  CertificateSpecPrivateKeyAlgorithm as Algorithm,
  Certificate,
  CertificateSpecPrivateKeyRotationPolicy as Rotation,
  CertificateSpecUsages as Usage,
} from '../../imports/cert-manager.io';
import { ThreewallChart } from '../chart';
import { metadataOf } from '../pod';

/** Name of the Certificate object. */
export const CERTIFICATE = 'site';

/** Renewed when a third of the lifetime is left: a month to notice that renewal fails. */
const LIFE = { duration: '2160h0m0s', renewBefore: '720h0m0s' };

/**
 * Requests the site's certificate from cert-manager, in the Secret that web servers mount. Each renewal has a new key;
 * web servers load it without a restart.
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export class CertificateChart extends ThreewallChart {
  constructor(scope: Construct, config: Config, issuer: { readonly name: string; readonly kind: string }) {
    super(scope, '20', 'certificate', config.name);
    new Certificate(this, 'certificate', {
      metadata: metadataOf('web', config, CERTIFICATE),
      spec: {
        secretName: config.secrets.siteTls,
        dnsNames: [config.domain, ...config.aliases],
        issuerRef: { ...issuer, group: 'cert-manager.io' },
        privateKey: { algorithm: Algorithm.ECDSA, size: 256, rotationPolicy: Rotation.ALWAYS },
        usages: [Usage.DIGITAL_SIGNATURE, Usage.SERVER_AUTH],
        revisionHistoryLimit: 1,
        ...LIFE,
      },
    });
  }
}
