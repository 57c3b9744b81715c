import type { Config } from '../../config/schema';
import { groupJoinSh } from './group-join-sh';
import { groupSh } from './group-sh';
import { joinSh } from './join-sh';
import { blocks } from './servers';
import { yieldSh } from './yield-sh';

/** The scripts by which a server gets and keeps its place among the others. */
export const joining = (database: Config['database']): Readonly<Record<string, string>> =>
  database.topology === 'group'
    ? { 'join.sh': groupJoinSh(), 'group.sh': groupSh() }
    : { 'join.sh': joinSh(), ...(blocks(database) ? { 'yield.sh': yieldSh() } : {}) };
