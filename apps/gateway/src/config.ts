// The settings of a gateway: the only place that says what they are.
import { z } from 'zod';
import { commonSettings } from '@zonehold/service-host';

const pathSchema = z.string().min(1, 'must be a path');

/** Common settings and the certificate that clients see (docs/architecture.md §5). */
export const gatewaySettings = commonSettings.extend({
  edge: z.strictObject({ certPath: pathSchema, keyPath: pathSchema }),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
