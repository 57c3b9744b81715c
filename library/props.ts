import type * as z from 'zod';
import type { configSchema } from '../config/schema';

/** What an environment says, as people write it: everything but `domain` may be left out. The package documents each field. */
export type ThreewallProps = z.input<typeof configSchema>;
