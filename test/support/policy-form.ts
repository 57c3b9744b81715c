import type { Manifest } from '../../reachability/manifest';

/**
 * Policies whose `policyTypes` are not exactly the directions of their rules (both where there is no rule). What a
 * policy isolates must stand in its text, not follow from the default, which isolates more than a list of ways out says.
 */
export const silentTypes = (policies: readonly Manifest[]): string[] =>
  policies
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .filter(({ spec }) => {
      const ruled = [...(spec.ingress ? ['Ingress'] : []), ...(spec.egress ? ['Egress'] : [])];
      return String(spec.policyTypes) !== String(ruled.length > 0 ? ruled : ['Ingress', 'Egress']);
    })
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
