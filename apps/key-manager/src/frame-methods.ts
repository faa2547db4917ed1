// The frame methods of a key-manager and who may call each. Before the region's keys are known only health is served; the
// others fail as not applied, and a gateway tries another zone.
import { keyManagerMethods, type HealthReply } from '@zonehold/api-contract';
import type { FrameMethod, ServiceIdentity } from '@zonehold/mesh';
import { KmsError, type Clock } from '@zonehold/primitives';
import { administer, type AdminPorts } from './admin/admin.ts';
import { CanaryKey } from './canary/canary-key.ts';
import { perform } from './dispatch.ts';
import { forgetRecords } from './erasure/material-caches.ts';
import { issueToken, type IdentityPorts } from './identity/issue-token.ts';
import { verificationKeys } from './identity/verification-keys.ts';
import { checkIssueTokenRequest, checkOperationRequest } from './operation-request.ts';
import type { OperationPorts } from './operation.ts';
import { keysUnknown, storeReasons } from './readiness.ts';

/** Everything that needs the region's keys. */
export interface OpenRegion {
  readonly operations: OperationPorts;
  readonly identity: IdentityPorts;
  readonly admin: AdminPorts;
  /** Ends background work and closes the store. */
  stop(): Promise<void>;
}

export interface FrameMethodsOptions {
  readonly self: ServiceIdentity;
  readonly clock: Clock;
  /** Undefined until the region's keys are known. */
  readonly region: () => OpenRegion | undefined;
}

const everyone: FrameMethod['callers'] = [
  'gateway',
  'key-manager',
  'crypto-worker',
  'health-monitor',
  'operator',
];

/** Sentences why this process cannot serve; empty when it can. */
export function reasonsOf(region: OpenRegion | undefined): readonly string[] {
  return region === undefined ? [keysUnknown] : storeReasons(region.operations.store);
}

export function frameMethods(options: FrameMethodsOptions): Readonly<Record<string, FrameMethod>> {
  const { self, clock } = options;
  const startedAtMs = clock.monotonicMs();
  const region = (): OpenRegion => {
    const open = options.region();
    if (open === undefined) throw new KmsError('UNAVAILABLE', keysUnknown);
    return open;
  };
  let canary: CanaryKey | undefined;
  const canaryOf = (): CanaryKey => (canary ??= new CanaryKey(region().operations, self.zone));
  const health = (): HealthReply => {
    const reasons = reasonsOf(options.region());
    const uptimeS = Math.floor((clock.monotonicMs() - startedAtMs) / 1_000);
    const { service, zone } = self;
    return { service, zone, isReady: reasons.length === 0, reasons, uptimeS };
  };
  return {
    [keyManagerMethods.operation]: {
      callers: ['gateway'],
      handle: async (body, { deadline }) =>
        perform(region().operations, checkOperationRequest(body), deadline),
    },
    [keyManagerMethods.issueToken]: {
      callers: ['gateway'],
      handle: async (body, { deadline }) =>
        issueToken(region().identity, checkIssueTokenRequest(body), deadline),
    },
    [keyManagerMethods.verificationKeys]: {
      callers: ['gateway'],
      handle: async (_body, context) => verificationKeys(region().identity, context),
    },
    [keyManagerMethods.admin]: {
      callers: ['operator'],
      handle: async (body, context) => administer(region().admin, body, context),
    },
    [keyManagerMethods.forgetMaterial]: {
      callers: ['key-manager'],
      handle: async (body, { deadline }) => forgetRecords(region().operations, body, deadline),
    },
    [keyManagerMethods.canary]: {
      callers: ['health-monitor'],
      handle: async (_body, { deadline }) => canaryOf().sing(deadline),
    },
    [keyManagerMethods.health]: { callers: everyone, handle: async () => health() },
  };
}
