import type { Config } from '../../../config/schema';
import { type TierName, tiers } from '../../topology';

/**
 * Fields by which the apps of Sumo Logic find metrics and logs of a tier; `node` is the name of the pod.
 * @see https://help.sumologic.com/docs/integrations/web-servers/opentelemetry/nginx-opentelemetry/
 */
export function sumoFields(tier: TierName, config: Config, node: string): Record<string, string> {
  const { program } = tiers[tier];
  switch (tier) {
    case 'load-balancer':
    case 'web':
      return {
        'sumo.datasource': program,
        'webengine.system': program,
        'webengine.cluster.name': config.name,
        'webengine.node.name': node,
      };
    case 'database':
      return {
        'sumo.datasource': program,
        'db.system': program,
        'db.cluster.name': config.name,
        'db.node.name': node,
      };
    default:
      return {};
  }
}
