import { z } from 'zod';
import { dnsLabel } from './fields';

const issuer = z.strictObject({
  name: dnsLabel.describe('name of the issuer'),
  kind: z
    .enum(['Issuer', 'ClusterIssuer'])
    .default('Issuer')
    .describe("Issuer lives in the site's namespace, ClusterIssuer serves all"),
});

/** Where the certificate of the site comes from. */
const certificate = z
  .discriminatedUnion('source', [
    z
      .strictObject({ source: z.literal('secret') })
      .describe('the Secret secrets.siteTls; `npm run secrets` makes one with an authority of its own where none is'),
    z
      .strictObject({ source: z.literal('cert-manager'), issuer })
      .describe('cert-manager (https://cert-manager.io) fills the Secret secrets.siteTls and renews it'),
  ])
  .prefault({ source: 'secret' })
  .describe('where the certificate of the site comes from');

const hsts = z
  .strictObject({
    includeSubDomains: z.boolean().default(true).describe('sub-domains of the domain are https alone too'),
    preload: z
      .boolean()
      .default(false)
      .describe('asks to be built into browsers (https://hstspreload.org); slow to take back'),
  })
  .refine(({ includeSubDomains, preload }) => includeSubDomains || !preload, {
    path: ['preload'],
    error: 'must be false where includeSubDomains is false (browsers build in whole domains only)',
  })
  .prefault({})
  .describe('Strict-Transport-Security, for two years: browsers that were here once come by https alone');

/** TLS between visitors and web servers, and behind them. */
export const tls = z
  .strictObject({
    profile: z
      .enum(['modern', 'intermediate'])
      .default('intermediate')
      .describe('Mozilla TLS profile: modern is TLS 1.3 only, intermediate adds TLS 1.2'),
    hsts,
    certificate,
    reencrypt: z
      .enum(['none', 'app'])
      .default('none')
      .describe('`app`: web servers and app servers speak mutual TLS; `none`: plain http inside the firewalls'),
  })
  .prefault({});
