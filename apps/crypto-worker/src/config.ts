// The crypto-worker's settings file; the only place that knows its shape.
import { z } from 'zod';
import { commonSettings } from '@zonehold/service-host';

/** Above it the pairs would wait for years: one takes about a second to make, and one token of an instance takes one. */
const importPairsMaxMax = 16;
const hourMs = 3_600_000;

const path = z.string().min(1, 'must be a path');

/**
 * `root.sealedPath` lies with the zone's data; `root.keyFilePath` must not (docs/architecture.md §5). `importKeys`: how many key pairs
 * for import tokens are kept ready, and how long after the start the first is made, if none was asked for (decision 0018).
 */
export const settingsSchema = commonSettings.extend({
  service: z.literal('crypto-worker'),
  root: z.strictObject({ sealedPath: path, keyFilePath: path }),
  importKeys: z
    .strictObject({
      readyMax: z.int().min(0).max(importPairsMaxMax),
      firstAfterMs: z.int().min(0).max(hourMs),
    })
    .default({ readyMax: 1, firstAfterMs: 60_000 }),
});

export type Settings = z.infer<typeof settingsSchema>;
