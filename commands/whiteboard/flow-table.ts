import { type Flow, firewallOf, flows } from '../../charts/flows';
import type { Config } from '../../config';

/** The flow table as a page of the documentation. */
export const toFlowTable = (config: Config, environment: string, origin: string): string =>
  [
    `<!-- ${origin} -->`,
    '',
    '# Flows',
    '',
    `Every connection that may be opened in ${environment}. The rest is denied, in both directions, for every pod. Ports are`,
    "those of the containers. The table in [charts/flows.ts](../charts/flows.ts) is this page's source, as it is that",
    'of the firewalls; the [whiteboard](whiteboard.svg) is drawn from the synthesized policies.',
    '',
    '| From | To | Ports | For | Firewall |',
    '| --- | --- | --- | --- | --- |',
    ...flows(config).map(rowOf),
    '',
  ].join('\n');

const rowOf = (flow: Flow): string =>
  `| ${[flow.from, flow.to, portsOf(flow), flow.reason, firewallOf(flow)].map(escapeCell).join(' | ')} |`;

const portsOf = ({ ports }: Flow): string =>
  ports.map(({ name, port, protocol }) => `${port} ${protocol}${name === String(port) ? '' : ` (${name})`}`).join(', ');

const escapeCell = (text: string): string => text.replace(/[|\\<]/g, '\\$&').replace(/\s+/g, ' ');
