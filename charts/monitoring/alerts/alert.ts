import type { Config } from '../../../config/schema';
import { tiersOf } from '../../topology';
import type { Condition, Span } from './expression';

/** What an alert asks of people: `page` wakes somebody, `ticket` waits for a working day, `info` explains others. */
export type Severity = 'page' | 'ticket' | 'info';

/** One alert. Its entry in docs/runbooks.md has its name as heading. */
export interface Alert {
  readonly name: string;
  readonly condition: Condition;
  /** How long the condition must hold. */
  readonly for: Span;
  readonly severity: Severity;
  /** One sentence for whoever is woken. */
  readonly summary: string;
  /** Where the threshold comes from. */
  readonly source: string;
  /** What must be there for its figures to exist. @default - nothing: every environment has them */
  readonly needs?: Need;
}

/** Parts of the whiteboard that an environment may lack. */
export type Need = 'access-log' | 'primary-replica' | 'group' | 'backup';

/** Whether an environment has what an alert needs: one that could never fire is left out. */
export function has(need: Need | undefined, config: Config): boolean {
  switch (need) {
    case undefined:
      return true;
    case 'access-log':
      return config.monitoring.collectLogs;
    case 'primary-replica':
    case 'group':
      return 'topology' in config.database ? config.database.topology === need : need === 'primary-replica';
    case 'backup':
      return (tiersOf(config) as readonly string[]).includes('backup');
  }
}
