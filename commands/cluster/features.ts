import type { Config } from '../../config';

/** A feature that is not enabled in every version of Kubernetes. */
export interface Feature {
  readonly name: string;
  /** First minor version of Kubernetes 1 that enables it by default. */
  readonly since: number;
  /** Setting that requires it. @default - every environment needs it */
  readonly setting?: string;
  /** Whether an environment needs it. */
  readonly used: (config: Config) => boolean;
  /** Alternative without the feature. */
  readonly instead?: string;
}

/**
 * Features by version. `up` checks them before it applies anything; docs/clusters.md lists them.
 * @see https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
 */
export const FEATURES: readonly Feature[] = [
  { name: 'sidecar containers (the routers to the databases)', since: 29, used: () => true },
  { name: 'preStop sleep of load balancers', since: 30, used: () => true },
  {
    name: 'ValidatingAdmissionPolicy',
    since: 30,
    setting: 'cluster.admissionPolicies',
    used: ({ cluster }) => cluster.admissionPolicies,
    instead: 'upgrade, or leave it out',
  },
  {
    name: 'image volumes (the code as an OCI image)',
    since: 35,
    setting: 'app.code.source',
    used: ({ app }) => app.code.source === 'image',
    instead: 'upgrade, or set it to "bundle" or "claim" (1.33 and 1.34 have it behind the feature gate ImageVolume)',
  },
];

/** One line for each feature that an environment needs and a version lacks. @param minor of Kubernetes 1.x */
export const missingFeatures = (config: Config, minor: number): string[] =>
  FEATURES.filter(({ since, used }) => minor < since && used(config)).map(
    ({ name, since, setting, instead }) =>
      `${setting ?? 'cluster'}: needs ${name}, which Kubernetes has since 1.${since}, but the cluster runs 1.${minor}; ${instead ?? 'upgrade it'}`,
  );
