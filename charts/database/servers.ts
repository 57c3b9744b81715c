import type { Config } from '../../config/schema';

type Database = Config['database'];

/** Number of servers: the primary and its replicas, or the members of the group. */
export const serversOf = ({ topology, replicas, members }: Database): number =>
  topology === 'group' ? (members ?? 3) : 1 + (replicas ?? 1);

/** What a primary does without its last replica: see `config/tier-schema.ts`. */
export const whenReplicaIsLost = (database: Database): 'block' | 'continue' => database.whenReplicaIsLost ?? 'block';

/** True when every member of a group takes writes. */
export const mayWriteTogether = ({ topology, mode }: Database): boolean =>
  topology === 'group' && mode === 'multi-primary';

/** True when a primary acknowledges only what a replica has. */
export const blocks = (database: Database): boolean =>
  database.topology !== 'group' && whenReplicaIsLost(database) === 'block';
