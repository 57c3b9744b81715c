import * as z from 'zod';
import { configSchema } from '../../config/schema';

/** Path of the JSON Schema for editors; the first line of each `config/*.yaml` names it. */
export const SCHEMA_FILE = 'config/schema.json';

/** The JSON Schema of an environment as text: names, defaults, bounds and purpose of each setting. */
export const schemaText = (): string =>
  `${JSON.stringify({ title: 'An environment of Threewall', ...z.toJSONSchema(configSchema, { io: 'input' }) }, null, 2)}\n`;
