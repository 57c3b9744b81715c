import type { Chart } from 'cdk8s';
import type { Config } from '../../../config/schema';
import * as k8s from '../../../imports/k8s';
import { namespaceOf } from '../../names';
import { metadataOf } from '../../pod';

const TIER = 'monitoring';

/**
 * Who the collector is for the Kubernetes API, and all it may do: follow the pods of the site's namespace, and read the
 * kubelet's figures. No Secret, no `nodes/proxy` (which would let it run commands in any pod).
 * @returns the name of its ServiceAccount
 */
export function access(chart: Chart, config: Config): string {
  const name = 'collector';
  const subjects = [{ kind: 'ServiceAccount', name, namespace: namespaceOf(TIER, config) }];
  new k8s.KubeServiceAccount(chart, 'account', {
    metadata: metadataOf(TIER, config, name),
    automountServiceAccountToken: false,
  });

  const site = { ...metadataOf(TIER, config, name), namespace: namespaceOf('app', config) };
  new k8s.KubeRole(chart, 'pods', {
    metadata: site,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }],
  });
  new k8s.KubeRoleBinding(chart, 'pods-binding', {
    metadata: site,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects,
  });

  // nodes have no namespace, so the right to read their figures has none either: its name must be the site's own
  const cluster = metadataOf(TIER, config, `threewall-${config.name}-${name}`);
  const role = new k8s.KubeClusterRole(chart, 'kubelet', {
    metadata: cluster,
    rules: [{ apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] }],
  });
  new k8s.KubeClusterRoleBinding(chart, 'kubelet-binding', {
    metadata: cluster,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
    subjects,
  });
  return name;
}
