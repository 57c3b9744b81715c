import { alertsOf } from '../charts/monitoring/alerts';
import { sumoFolder } from '../charts/monitoring/alerts/sumo';
import { command, environment } from './environment';

const USAGE = `usage: npm run -s monitors -- ENV

Prints the alerts of an environment as monitors of Sumo Logic, a folder in the format of its export (Monitors > Add >
Import). What a monitor cannot ask is named on stderr with the reason.`;

await command({ text: USAGE, options: {} }, async (name) => {
  const { config } = environment(name);
  const { folder, missing } = sumoFolder(alertsOf(config), config);
  console.log(JSON.stringify(folder, null, 2));
  for (const [alert, reason] of Object.entries(missing)) console.error(`no monitor for ${alert}: ${reason}`);
});
