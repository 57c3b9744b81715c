import * as z from 'zod';
import { objectName } from './kubernetes-names';

const issuer = z.strictObject({
  name: objectName.describe('name of the issuer'),
  kind: z
    .enum(['Issuer', 'ClusterIssuer'])
    .default('Issuer')
    .describe("Issuer lives in the site's namespace, ClusterIssuer serves all"),
});

/** Source of the site's certificate. */
const certificate = z
  .discriminatedUnion('source', [
    z
      .strictObject({ source: z.literal('secret') })
      .describe('the Secret secrets.siteTls; `npm run secrets` creates one with its own CA if it is missing'),
    z
      .strictObject({ source: z.literal('cert-manager'), issuer })
      .describe('cert-manager (https://cert-manager.io) fills the Secret secrets.siteTls and renews it'),
  ])
  .prefault({ source: 'secret' })
  .describe('where the certificate of the site comes from');

/** Minimum seconds for browsers' HSTS preload lists. @see https://hstspreload.org/#submission-requirements */
const PRELOAD_SECONDS = 31_536_000;

const hsts = z
  .strictObject({
    maxAge: z
      .number()
      .int()
      .min(0)
      .max(63_072_000)
      .default(86_400)
      .describe(
        'seconds for which a browser that was here comes by https alone: 86400 (a day) when left out, at most two years; 0 takes it back. The steps: docs/decisions/hsts.md',
      ),
    includeSubDomains: z
      .boolean()
      .default(false)
      .describe('every sub-domain of the domain is https alone, too, also those that this site does not serve'),
    preload: z
      .boolean()
      .default(false)
      .describe('asks to be built into browsers (https://hstspreload.org); slow to take back'),
  })
  .superRefine(({ maxAge, includeSubDomains, preload }, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', path: ['preload'], message });
    if (!preload) return;
    if (!includeSubDomains)
      refuse('must be false where includeSubDomains is false (browsers build in whole domains only)');
    if (maxAge < PRELOAD_SECONDS) {
      refuse(
        `must be false where maxAge is below ${PRELOAD_SECONDS}, a year (browsers build in no less), got maxAge ${maxAge}`,
      );
    }
  })
  .prefault({})
  .describe('Strict-Transport-Security: browsers that were here once come by https alone, for maxAge seconds');

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
