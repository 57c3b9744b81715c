import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, parseConfig } from '../../config';

/** Every environment of config/. */
export const configs = (): { readonly name: string; readonly config: Config }[] =>
  readdirSync('config')
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({
      name: file.replace('.yaml', ''),
      config: parseConfig(readFileSync(join('config', file), 'utf8'), file),
    }));

/** A configuration from the settings that differ from the defaults. @throws ConfigError when they are not allowed */
export const configOf = (settings: object = {}): Config =>
  parseConfig(JSON.stringify({ domain: 'www.example.org', ...settings }), 'test.yaml');

/** The same from YAML, for tests about how a setting is written. @throws ConfigError when it is not allowed */
export const configFrom = (yaml = ''): Config => parseConfig(`domain: www.example.org\n${yaml}`, 'test.yaml');

/** Faults of what is read, none when it is right; any other error fails the test. */
export function faultsIn(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

/** Faults of the settings that differ from the defaults, none when they are allowed. */
export const faultsOf = (settings: object): readonly string[] => faultsIn(() => configOf(settings));
