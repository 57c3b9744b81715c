/**
 * A secured, monitored web infrastructure as typed code: HAProxy, Nginx, an app, MySQL and three firewalls.
 * @packageDocumentation
 */
export { type Flow, flows, type Port } from '../charts/flows';
export type { ContainerProps } from '../charts/pod';
export { type Config, ConfigError, parseConfig } from '../config';
export type { Resources } from '../config/schema';
export { IntOrString, Quantity } from '../imports/k8s';
export type { Added } from '../policy/rule';
export type { Manifest } from '../reachability/manifest';
export { type Build, type EnvironmentFile, environmentFiles, synthesize } from './environments';
export type { Extension } from './extension';
export type { ThreewallProps } from './props';
export { type Origin, Threewall } from './threewall';
export type { ServiceInfo, Tier, WayIn, WayOut } from './tier';
