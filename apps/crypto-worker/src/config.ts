// The crypto-worker's settings file; the only place that knows its shape.
import { z } from 'zod';
import { commonSettings } from '@zonehold/service-host';

const path = z.string().min(1, 'must be a path');

/** `root.sealedPath` lies with the zone's data; `root.keyFilePath` must not (docs/architecture.md §5). */
export const settingsSchema = commonSettings.extend({
  service: z.literal('crypto-worker'),
  root: z.strictObject({ sealedPath: path, keyFilePath: path }),
});

export type Settings = z.infer<typeof settingsSchema>;
