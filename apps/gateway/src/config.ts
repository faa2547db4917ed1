// The settings of a gateway: the only place that says what they are.
import { z } from 'zod';
import { isCidr } from '@zonehold/key-domain';
import { commonSettings } from '@zonehold/service-host';
import { addressSources } from './client-origin.ts';

const pathSchema = z.string().min(1, 'must be a path');

/** Far more than a region has balancers. Each connection, and each hop of a forwarding header, is compared with all of them. */
const trustedProxiesMax = 64;
const cidr = z.string().refine(isCidr, 'must be a range: an address, a slash, a prefix length');

/** How a listener learns whose a connection is (docs/network-policy.md). */
const listener = z
  .strictObject({ clientAddressFrom: z.enum(addressSources).default('socket') })
  .default({ clientAddressFrom: 'socket' });

/** Common settings, the certificate that clients see, and whom to believe about clients (docs/architecture.md §5). */
export const gatewaySettings = commonSettings.extend({
  edge: z
    .strictObject({
      certPath: pathSchema,
      keyPath: pathSchema,
      trustedProxies: z.array(cidr).max(trustedProxiesMax).default([]),
      regional: listener,
      private: listener,
    })
    .refine(
      ({ trustedProxies, regional, private: own }) =>
        trustedProxies.length > 0 ||
        (regional.clientAddressFrom === 'socket' && own.clientAddressFrom === 'socket'),
      { path: ['trustedProxies'], message: 'must name the proxies whose word is taken' },
    ),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
