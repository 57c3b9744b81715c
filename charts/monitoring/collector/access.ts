import type { Chart } from 'cdk8s';
import { ApiResource } from 'cdk8s-plus-28/lib/api-resource.generated.js';
import { Role } from 'cdk8s-plus-28/lib/role.js';
import { ServiceAccount } from 'cdk8s-plus-28/lib/service-account.js';
import type { Config } from '../../../config/schema';
import * as k8s from '../../../imports/k8s';
import { namespaceOf } from '../../names';
import { metadataOf } from '../../pod';

const TIER = 'monitoring';

/**
 * The collector's identity and permissions in the Kubernetes API: watch the pods of the site's namespace, and read the
 * kubelet's metrics. No Secrets, no `nodes/proxy` (which would let it run commands in any pod).
 * @returns the name of its ServiceAccount
 */
export function access(chart: Chart, config: Config): string {
  const name = 'collector';
  const subjects = [{ kind: 'ServiceAccount', name, namespace: namespaceOf(TIER, config) }];
  new ServiceAccount(chart, 'account', { metadata: metadataOf(TIER, config, name), automountToken: false });

  const site = { ...metadataOf(TIER, config, name), namespace: namespaceOf('app', config) };
  new Role(chart, 'pods', { metadata: site }).allow(['list', 'watch'], ApiResource.PODS);
  new k8s.KubeRoleBinding(chart, 'pods-binding', {
    metadata: site,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects,
  });

  // nodes are cluster-scoped, so this role is too: its name must be unique to the site
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
