import { z } from 'zod';
import { configSchema } from '../../config/schema';

/** Where editors find the settings of an environment; the first line of each `config/*.yaml` names it. */
export const SCHEMA_FILE = 'config/schema.json';

/** The JSON Schema of an environment as text: names, defaults, bounds and what each setting is for. */
export const schemaText = (): string =>
  `${JSON.stringify({ title: 'An environment of Threewall', ...z.toJSONSchema(configSchema, { io: 'input' }) }, null, 2)}\n`;
