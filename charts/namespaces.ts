import type { Construct } from 'constructs';
import type { Config } from '../config/schema';
import * as k8s from '../imports/k8s';
import { ThreewallChart } from './chart';
import { namespaceOf, ownerLabels } from './names';
import type { TierName } from './topology';

/**
 * The two namespaces and the Pod Security level of each.
 * The collector's hostPath for container logs is more than `restricted` and `baseline` allow: without logs both
 * namespaces are `restricted`.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export class Namespaces extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '00', 'namespaces', config.name);
    this.addNamespace('app', config, 'restricted');
    this.addNamespace('monitoring', config, config.monitoring.collectLogs ? 'privileged' : 'restricted');
  }

  private addNamespace(tier: TierName, config: Config, level: 'restricted' | 'privileged'): void {
    const name = namespaceOf(tier, config);
    new k8s.KubeNamespace(this, name, {
      metadata: {
        name,
        labels: {
          ...ownerLabels(config),
          'pod-security.kubernetes.io/enforce': level,
          'pod-security.kubernetes.io/warn': level,
        },
      },
    });
  }
}
