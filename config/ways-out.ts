import type { Config } from './schema';

/** Configured egress of the site. */
export interface WayOut {
  /** Where it stands in the configuration. */
  readonly path: string;
  readonly from: Config['firewall']['extraEgress'][number]['from'] | 'alertmanager';
  readonly to: Config['firewall']['extraEgress'][number]['to'];
  readonly ports: readonly number[];
  readonly reason: string;
}

/** The Alertmanager of an environment, undefined without receivers. */
export const alertmanagerOf = ({ monitoring }: Pick<Config, 'monitoring'>) => {
  const prometheus = monitoring.services.findIndex(({ type }) => type === 'prometheus');
  const service = monitoring.services[prometheus];
  return service?.type === 'prometheus' && service.alertmanager
    ? { path: `monitoring.services[${prometheus}].alertmanager`, ...service.alertmanager }
    : undefined;
};

/** Every way out that the configuration names: exceptions of the firewall, and receivers of alerts. */
export function waysOut({ firewall, monitoring }: Partial<Config>): WayOut[] {
  const { path, receivers } = (monitoring && alertmanagerOf({ monitoring })) ?? { path: '', receivers: [] };
  return [
    ...(firewall?.extraEgress ?? []).map((way, index) => ({ ...way, path: `firewall.extraEgress[${index}].to` })),
    ...receivers.map(({ name, to, port }, index) => ({
      path: `${path}.receivers[${index}].to`,
      from: 'alertmanager' as const,
      to,
      ports: [port],
      reason: `alerts for ${name}`,
    })),
  ];
}
