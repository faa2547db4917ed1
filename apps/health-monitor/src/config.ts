// The health-monitor's settings file; the only place that knows its shape.
import { z } from 'zod';
import { commonSettings } from '@zonehold/service-host';

const text = z.string().min(1, 'must not be empty');

/**
 * `redis`: the ACL user that may look at acceptors, and the file with its password. `console`: the file with the token that signs an operator
 * in; without it there is no console.
 */
export const settingsSchema = commonSettings.extend({
  service: z.literal('health-monitor'),
  redis: z.strictObject({ username: text, passwordPath: text }),
  console: z.strictObject({ tokenPath: text }).optional(),
});

export type Settings = z.infer<typeof settingsSchema>;
