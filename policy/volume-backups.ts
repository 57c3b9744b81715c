import { uidOf } from '../charts/topology';
import type { Config } from '../config';
import { claimOf } from '../config/app-facts';
import type { Node, Template } from './rule';

/** Whether a pod mounts volumes of the app. */
export const mountsVolumes = ({ spec }: Template, { app }: Config): boolean =>
  (spec.volumes ?? []).some(({ persistentVolumeClaim: claim }: Node) =>
    Object.keys(app.volumes).some((name) => claim?.claimName === claimOf(name, app)),
  );

/** What is wrong with the users of a backup's pod that mounts them: it is the user who may read all files, of both groups. */
export function userFaults({ spec: { securityContext: context } }: Template, config: Config): (string | false)[] {
  const user = uidOf('app', config);
  const groups = [user, uidOf('backup', config)];
  return [
    context.runAsUser !== user && `user ${context.runAsUser} is not that of the app`,
    !groups.includes(context.runAsGroup) && `group ${context.runAsGroup}`,
    context.fsGroup !== context.runAsGroup && `fsGroup ${context.fsGroup} is not the group ${context.runAsGroup}`,
    ...(context.supplementalGroups ?? []).map((id: number) => !groups.includes(id) && `supplementalGroups ${id}`),
  ];
}
