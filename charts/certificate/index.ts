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

/** A third of the life is left when it is renewed: a month in which to notice that renewal fails. */
const LIFE = { duration: '2160h0m0s', renewBefore: '720h0m0s' };

/**
 * Asks cert-manager for the certificate of the site, in the Secret that the web servers mount. A new key with each renewal;
 * the web servers take it up by themselves.
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
