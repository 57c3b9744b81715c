import type { Config } from '../../config/schema';
import { groupJoinSh } from './group-join-sh';
import { groupSh } from './group-sh';
import { joinSh } from './join-sh';
import { hostsSh, reachSh } from './reach-sh';
import { blocks } from './servers';
import { yieldSh } from './yield-sh';

/** The scripts by which a server gets and keeps its place among the others. */
export const joining = (config: Config): Readonly<Record<string, string>> =>
  config.database.topology === 'group'
    ? { 'join.sh': groupJoinSh(), 'group.sh': groupSh(config), 'hosts.sh': hostsSh(), 'reach.sh': reachSh() }
    : { 'join.sh': joinSh(), ...(blocks(config.database) ? { 'yield.sh': yieldSh() } : {}) };
