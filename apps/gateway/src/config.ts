// The settings of a gateway: the only place that says what they are.
import { z } from 'zod';
import { isCidr } from '@zonehold/key-domain';
import { commonSettings, edgeLimits, tenantLimitDefaults } from '@zonehold/service-host';
import { addressSources } from './client-origin.ts';
import type { AccountLimits } from './tenant-limits.ts';

const pathSchema = z.string().min(1, 'must be a path');

/** Far more than a region has balancers. Each connection, and each hop of a forwarding header, is compared with all of them. */
const trustedProxiesMax = 64;
const cidr = z.string().refine(isCidr, 'must be a range: an address, a slash, a prefix length');

/** How a listener learns whose a connection is (docs/network-policy.md). */
const listener = z
  .strictObject({ clientAddressFrom: z.enum(addressSources).default('socket') })
  .default({ clientAddressFrom: 'socket' });

/** A share of a gateway is at least one request in three seconds with nine zones; more than a billion is no limit. */
const amount = z.int().min(3).max(1_000_000_000);
const accountLimits = (defaults: AccountLimits) =>
  z
    .strictObject({
      requestsPerSecond: amount.default(defaults.requestsPerSecond),
      burst: amount.default(defaults.burst),
      inFlightMax: z.int().min(1).max(edgeLimits.inFlightMax).default(defaults.inFlightMax),
    })
    .default(defaults);

/** Common settings, the certificate that clients see, and whom to believe about clients (docs/architecture.md §5). */
export const gatewaySettings = commonSettings.extend({
  edge: z
    .strictObject({
      certPath: pathSchema,
      keyPath: pathSchema,
      trustedProxies: z.array(cidr).max(trustedProxiesMax).default([]),
      regional: listener,
      private: listener,
      limits: z
        .strictObject({
          instance: accountLimits(tenantLimitDefaults.instance),
          credential: accountLimits(tenantLimitDefaults.credential),
        })
        .default(tenantLimitDefaults),
    })
    .refine(
      ({ trustedProxies, regional, private: own }) =>
        trustedProxies.length > 0 ||
        (regional.clientAddressFrom === 'socket' && own.clientAddressFrom === 'socket'),
      { path: ['trustedProxies'], message: 'must name the proxies whose word is taken' },
    ),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
