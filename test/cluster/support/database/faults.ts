import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { kubectl, type Pod } from '../kubectl';
import type { Cut, Hammer } from './hammer';
import { NAMESPACE } from './places';

/** A fault of a server, and its repair if it does not end by itself. */
export interface Fault {
  readonly name: string;
  strike(victim: Pod): Promise<void>;
  /** Absent if nothing must be undone. */
  mend?(victim: Pod): Promise<void>;
  /** Seconds between strike and mend: long enough for everything that follows from the fault to show. */
  readonly lasts?: number;
  /** True when the server itself starts anew. */
  readonly restarts: boolean;
}

/** The pod is deleted: the planned way, with its time for a clean shutdown. */
export const deletion: Fault = {
  name: 'pod deleted',
  restarts: true,
  strike: async ({ metadata }) => {
    await kubectl(['delete', 'pod', metadata.name, '-n', NAMESPACE, '--wait=false']);
  },
};

/** SIGKILL to mysqld. */
export const killing = (hammer: Hammer): Fault => ({
  name: 'mysqld killed with SIGKILL',
  restarts: true,
  strike: (victim) => hammer.kill(victim),
});

/** The pod's network drops every packet, or only the group's. */
export const cutting = (hammer: Hammer, cut: Cut): Fault => ({
  name: cut === 'all' ? 'cut off from the network' : 'cut off from its group, not from clients',
  restarts: false,
  lasts: 25,
  strike: (victim) => hammer.cut(victim, cut),
  mend: () => hammer.restore(),
});

/**
 * The whole node is lost, by a command that knows the machine: `$THREEWALL_LOSE_NODE NODE`, and `$THREEWALL_RETURN_NODE NODE` to
 * bring it back. Undefined without them.
 */
export function nodeLoss(): Fault | undefined {
  const { THREEWALL_LOSE_NODE: lose, THREEWALL_RETURN_NODE: bring } = process.env;
  if (!lose || !bring) return undefined;
  const run = async (command: string, { spec }: Pod): Promise<void> => {
    await promisify(execFile)('sh', ['-c', `${command} "$1"`, 'sh', spec.nodeName ?? ''], { timeout: 300_000 });
  };
  return {
    name: 'node lost',
    restarts: true,
    lasts: 60,
    strike: (victim) => run(lose, victim),
    mend: (victim) => run(bring, victim),
  };
}
