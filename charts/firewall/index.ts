import type { Construct } from 'constructs';
import type { Config } from '../../config/schema';
import * as k8s from '../../imports/k8s';
import { ThreewallChart } from '../chart';
import { FLOWS_ANNOTATION, namespaceOf, ownerLabels, selectorOf } from '../names';
import { metadataOf } from '../pod';
import type { Firewall, TierName } from '../topology';
import { ciliumPolicies } from './cilium';
import { type Policy, policiesOf } from './policies';

/** One of the three walls as a separate file, which a reviewer reads when a connection opens or closes. */
export class FirewallChart extends ThreewallChart {
  constructor(
    scope: Construct,
    private readonly firewall: Firewall,
    config: Config,
  ) {
    super(scope, '10', `${firewall}-firewall`, config.name);
    this.render(config);
  }

  /** The policies of a configuration, in place of those of an earlier one. */
  render(config: Config): void {
    for (const { node } of this.node.children) this.node.tryRemoveChild(node.id);
    if (this.firewall === 'internal') {
      this.denyEverything('app', config);
      this.denyEverything('monitoring', config);
      ciliumPolicies(this, config);
    }
    for (const policy of policiesOf(this.firewall, config)) this.allow(policy, config);
  }

  /** Default deny in both directions for every pod of the namespace of `tier`, whatever creates the pod. */
  private denyEverything(tier: TierName, config: Config): void {
    const namespace = namespaceOf(tier, config);
    new k8s.KubeNetworkPolicy(this, `deny-${namespace}`, {
      metadata: {
        name: 'internal-firewall-deny-everything',
        namespace,
        labels: ownerLabels(config),
      },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
  }

  private allow({ firewall, tier, ingress, egress, reasons }: Policy, config: Config): void {
    const name = `${firewall}-firewall-${tier}`;
    new k8s.KubeNetworkPolicy(this, name, {
      metadata: {
        ...metadataOf(tier, config, name),
        namespace: namespaceOf(tier, config),
        annotations: { [FLOWS_ANNOTATION]: reasons.join('; ') },
      },
      spec: {
        podSelector: { matchLabels: selectorOf(tier, config) },
        policyTypes: [...(ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])],
        ingress: ingress.length > 0 ? [...ingress] : undefined,
        egress: egress.length > 0 ? [...egress] : undefined,
      },
    });
  }
}
