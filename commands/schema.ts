import { command } from './command';

const USAGE = `usage: npm run schema

Writes config/schema.json, in which editors find the settings of an environment.

exit code: 0 written, 2 the input is wrong`;

await command({ text: USAGE, words: [0, 0] }, async () => {
  const { SCHEMA_FILE, schemaText } = await import('./schema/text');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(SCHEMA_FILE, schemaText());
  console.log(`wrote ${SCHEMA_FILE}`);
});
