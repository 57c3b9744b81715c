import type { Config } from '../../config';
import { UsageError } from '../command';
import { liveDatabaseFaults } from './database-preflight';
import { plannedGrowth } from './grow';
import type { Growth } from './growth';

/** Refuses changes that data in the cluster cannot follow, and that would end half done. @returns which volumes grow @throws UsageError with a line for each fault */
export async function checkStored(config: Config): Promise<Growth> {
  const [database, growth] = await Promise.all([liveDatabaseFaults(config), plannedGrowth(config)]);
  const faults = [...database, ...growth.faults];
  if (faults.length === 0) return growth;
  throw new UsageError(
    `the data that are there cannot become what the configuration says; nothing was applied\n${faults.map((f) => `  ${f}`).join('\n')}`,
  );
}
