import { runsWorkers, volumesInBackups } from '../../../config/app-facts';
import type { Config } from '../../../config/schema';
import type { Condition, Span } from './expression';

/** Urgency of an alert: `page` wakes a person, `ticket` waits for a working day, `info` explains other alerts. */
export type Severity = 'page' | 'ticket' | 'info';

/** One alert. Its entry in docs/runbooks.md has its name as heading. */
export interface Alert {
  readonly name: string;
  readonly condition: Condition;
  /** How long the condition must hold. */
  readonly for: Span;
  readonly severity: Severity;
  /** One sentence for the person who is woken. */
  readonly summary: string;
  /** Origin of the threshold. */
  readonly source: string;
  /** Part of the whiteboard that its metrics need. @default - none: every environment has the metrics */
  readonly needs?: Need;
}

/** Parts of the whiteboard that an environment may lack. */
export type Need = 'access-log' | 'primary-replica' | 'group' | 'backup' | 'volume-backup' | 'worker';

/** Whether an environment has what an alert needs; alerts that could never fire are left out. */
export function has(need: Need | undefined, config: Config): boolean {
  switch (need) {
    case undefined:
      return true;
    case 'access-log':
      return config.monitoring.collectLogs;
    case 'primary-replica':
    case 'group':
      return config.database.topology === need;
    case 'backup':
      return config.backup !== undefined;
    case 'volume-backup':
      return volumesInBackups(config).length > 0;
    case 'worker':
      return runsWorkers(config.app);
  }
}
