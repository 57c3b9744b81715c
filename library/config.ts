/**
 * Reads and validates environments without building anything.
 * @packageDocumentation
 */
export { type Config, ConfigError, configOf, parseConfig } from '../config';
export type { ThreewallProps } from './props';
