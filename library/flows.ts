/**
 * The flow table: every connection that a configuration permits.
 * @packageDocumentation
 */
export { type Flow, firewallOf, flows, type Port, type Protocol } from '../charts/flows';
export type { Firewall, Place, TierName } from '../charts/topology';
