import { alertsOf } from '../../charts/monitoring/alerts';
import { sumoFolder } from '../../charts/monitoring/alerts/sumo';
import { environment } from '../environment';

/** Prints the alerts of an environment as monitors of Sumo Logic on stdout, and inexpressible alerts on stderr. */
export function printMonitors(name: string | undefined): void {
  const { config } = environment(name);
  const { folder, missing } = sumoFolder(alertsOf(config), config);
  console.log(JSON.stringify(folder, null, 2));
  for (const [alert, reason] of Object.entries(missing)) console.error(`no monitor for ${alert}: ${reason}`);
}
