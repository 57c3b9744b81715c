import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Config } from '../../../config/schema';
import { ThreewallChart } from '../../chart';
import { namespaceOf } from '../../names';
import { metadataOf } from '../../pod';
import { alertRules, alertsOf } from '../alerts';

const TIER = 'monitoring';

/**
 * The alerts for a Prometheus operator of the cluster. Its Prometheus must store the collectors' metrics
 * under the same names as the in-cluster one.
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export class PrometheusRuleChart extends ThreewallChart {
  constructor(scope: Construct, config: Config) {
    super(scope, '60', 'prometheus-rule', namespaceOf(TIER, config));
    new ApiObject(this, 'alerts', {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: metadataOf(TIER, config, 'alerts'),
      spec: { groups: [alertRules(alertsOf(config))] },
    });
  }
}
