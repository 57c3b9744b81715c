import { App } from 'cdk8s';
import { programs } from '../../../bundle/programs';
import { threewall } from '../../../charts';
import type { Firewall, TierName } from '../../../charts/topology';
import type { Config } from '../../../config';
import { readAppFiles } from '../../../config/app-files';
import { kubectl } from './kubectl';

/** Applies the manifests of one tier or one firewall, as a configuration renders them. */
export async function applyTier(tier: TierName | `${Firewall}-firewall`, wanted: Config): Promise<void> {
  const app = new App();
  threewall(app, wanted, programs, readAppFiles(wanted.app, 'config', wanted.name));
  const chart = app.charts.find(({ node }) => node.id.endsWith(`0-${tier}`));
  const items = chart?.toJson() ?? [];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: list });
}
