// The key-manager's settings file; the only place that knows its shape.
import { z } from 'zod';
import { commonSettings } from '@zonehold/service-host';

/** `redis`: the ACL user of this zone's key-manager, valid at the Redis of every zone. */
export const settingsSchema = commonSettings.extend({
  service: z.literal('key-manager'),
  redis: z.strictObject({
    username: z.string().min(1, 'must be a name'),
    passwordPath: z.string().min(1, 'must be a path'),
  }),
});

export type Settings = z.infer<typeof settingsSchema>;
