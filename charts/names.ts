import { namespacesOf } from '../config/namespaces';
import type { Config } from '../config/schema';
import { programOf, type TierName, tiers } from './topology';

/** Services of the databases by purpose; the databases' certificate contains each name. */
export const databaseServices = {
  /** Headless: a name for each pod, ready or not. */
  pods: 'database',
  /** Takes writes. */
  primary: 'database-primary',
  /** Takes reads. */
  replica: 'database-replica',
  /** Prefix of a member's Service in a group: its number follows. */
  member: 'database-member-',
} as const;

/** Name of the namespace a tier's pods live in. */
export const namespaceOf = (tier: TierName, config: Pick<Config, 'name'>): string =>
  namespacesOf(config)[tiers[tier].namespace === 'site' ? 0 : 1];

/** Name of a tier in internal certificates: the name of its Service. */
export const nameInTls = (tier: TierName, config: Pick<Config, 'name'>): string =>
  `${tier}.${namespaceOf(tier, config)}.svc`;

/** Labels of everything that belongs to an environment: what `up` and `down` may delete. */
export const ownerLabels = ({ name }: Pick<Config, 'name'>) => ({
  'app.kubernetes.io/part-of': name,
  'app.kubernetes.io/managed-by': 'threewall',
});

/**
 * Labels that select a tier's pods: readable, stable, a subset of `labelsOf`.
 * The in-cluster monitoring service is a separate instance: it stands for a service outside the site. So is its Alertmanager.
 */
export const selectorOf = (tier: TierName, config: Pick<Config, 'name'>): Record<string, string> => ({
  'app.kubernetes.io/instance': ['monitoring-service', 'alertmanager'].includes(tier)
    ? `${config.name}-${tier}`
    : config.name,
  'app.kubernetes.io/component': tiers[tier].component,
});

/** Annotation of each firewall policy: the flows that it permits, as `from to to: reason`, with `; ` between them. */
export const FLOWS_ANNOTATION = 'threewall.dev/flows';

/** Labels of every pod and object of a tier. */
export const labelsOf = (tier: TierName, config: Pick<Config, 'name' | 'app'>): Record<string, string> => ({
  'app.kubernetes.io/name': programOf(tier, config),
  ...selectorOf(tier, config),
  ...ownerLabels(config),
});
