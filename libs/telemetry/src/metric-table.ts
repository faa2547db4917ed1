// Every metric of every service, in one table: name, type, help, labels (mesh reference C; Prometheus naming rules).
// A label's values are a closed list, or come from a closed set that the deployment or the contract fixes. Never a key id,
// an instance, an account or an address: those would leak, and grow without end.

/** Values fixed by the topology, or by a table elsewhere that this lib may not import. */
type FixedElsewhere = 'zones' | 'services' | 'methods' | 'operations' | 'codes' | 'statuses';

export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[] | FixedElsewhere>>;
}

/** Seconds. 1 ms to 5 s (mesh reference C). */
export const durationBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const;

const yesNo = ['yes', 'no'] as const;
const reporter = ['client', 'server'] as const;

export const metricTable = {
  meshRequests: {
    name: 'kms_mesh_requests_total',
    type: 'counter',
    help: 'Attempts of calls between services, by who reports them and how they ended. Code OK or a KmsErrorCode.',
    labels: {
      reporter,
      src_zone: 'zones',
      dst_zone: 'zones',
      service: 'services',
      route: 'methods',
      code: 'codes',
      classification: ['success', 'failure', 'cancelled'],
    },
  },
  meshRequestDuration: {
    name: 'kms_mesh_request_duration_seconds',
    type: 'histogram',
    help: 'How long attempts of calls between services took.',
    labels: { reporter, dst_zone: 'zones', service: 'services', route: 'methods' },
  },
  meshRetries: {
    name: 'kms_mesh_retries_total',
    type: 'counter',
    help: 'Attempts after the first, by the code of the attempt before.',
    labels: { reason: 'codes' },
  },
  meshRetryBudgetExhausted: {
    name: 'kms_mesh_retry_budget_exhausted_total',
    type: 'counter',
    help: 'Retries that were not made because the retry budget was spent.',
    labels: {},
  },
  meshEjectionsActive: {
    name: 'kms_mesh_ejections_active',
    type: 'gauge',
    help: '1 while this process routes around the zone for a service: circuit not closed, no link, or ejected.',
    labels: { zone: 'zones', service: 'services' },
  },
  meshEjections: {
    name: 'kms_mesh_ejections_total',
    type: 'counter',
    help: 'Endpoints ejected for what became of calls to them, by reason; capped: not ejected, too many were.',
    labels: {
      service: 'services',
      zone: 'zones',
      reason: ['consecutive', 'ratio', 'probe', 'capped'],
    },
  },
  meshLatencySpill: {
    name: 'kms_mesh_latency_spill',
    type: 'gauge',
    help: 'Which part of its share leaves the own zone because it is slow, 0 to 1.',
    labels: { service: 'services', zone: 'zones' },
  },
  meshBreakerState: {
    name: 'kms_mesh_breaker_state',
    type: 'gauge',
    help: 'Circuit to a zone and service: 0 closed, 1 half-open, 2 open (rejecting).',
    labels: { zone: 'zones', service: 'services' },
  },
  meshLinkUp: {
    name: 'kms_mesh_link_up',
    type: 'gauge',
    help: '1 while the mTLS connection to a zone and service stands and answers.',
    labels: { zone: 'zones', service: 'services' },
  },
  meshPanic: {
    name: 'kms_mesh_panic_total',
    type: 'counter',
    help: 'Attempts made although no zone of the service looked fit.',
    labels: { service: 'services' },
  },
  meshBulkheadFull: {
    name: 'kms_mesh_bulkhead_full_total',
    type: 'counter',
    help: 'Attempts not sent because too many were under way to that endpoint.',
    labels: { service: 'services', zone: 'zones' },
  },
  meshCrossZone: {
    name: 'kms_mesh_cross_zone_total',
    type: 'counter',
    help: 'Attempts that went to another zone than the own.',
    labels: { service: 'services' },
  },
  meshPeersRefused: {
    name: 'kms_mesh_peers_refused_total',
    type: 'counter',
    help: 'Connections or calls refused for who the peer is.',
    labels: { reason: ['certificate', 'identity', 'cluster', 'region', 'caller', 'protocol'] },
  },
  meshShed: {
    name: 'kms_mesh_shed_total',
    type: 'counter',
    help: 'Calls a server refused unserved.',
    labels: { reason: ['in-flight', 'deadline', 'draining'] },
  },
  faultsActive: {
    name: 'kms_faults_active',
    type: 'gauge',
    help: 'Faults on purpose in force, as this process sees them. Only where they are enabled (docs/faults.md).',
    labels: { action: ['reset', 'black-hole', 'abort', 'delay', 'bandwidth'] },
  },
  faultsInjected: {
    name: 'kms_faults_injected_total',
    type: 'counter',
    help: 'Messages that a fault on purpose took hold of in this process.',
    labels: {
      action: ['reset', 'black-hole', 'abort', 'delay', 'bandwidth'],
      leg: ['request', 'reply'],
    },
  },
  paxosRounds: {
    name: 'kms_paxos_rounds_total',
    type: 'counter',
    help: 'Paxos phases by how they ended.',
    labels: { phase: ['prepare', 'accept'], outcome: ['won', 'lost', 'unknown', 'stale-epoch'] },
  },
  paxosRoundDuration: {
    name: 'kms_paxos_change_duration_seconds',
    type: 'histogram',
    help: 'How long changes of a register took, all rounds together.',
    labels: {},
  },
  paxosConflicts: {
    name: 'kms_paxos_conflicts_total',
    type: 'counter',
    help: 'Rounds that met a higher ballot.',
    labels: {},
  },
  paxosReadFastpath: {
    name: 'kms_paxos_read_fastpath_total',
    type: 'counter',
    help: 'Majority reads; hit: two equal replies ended the read, otherwise it was written back.',
    labels: { hit: yesNo },
  },
  paxosUnknown: {
    name: 'kms_paxos_unknown_total',
    type: 'counter',
    help: 'Changes whose outcome nobody could say within the deadline.',
    labels: {},
  },
  acceptorUp: {
    name: 'kms_acceptor_up',
    type: 'gauge',
    help: '1 while the acceptor of the zone is reached and takes part.',
    labels: { zone: 'zones' },
  },
  acceptorEpoch: {
    name: 'kms_acceptor_epoch',
    type: 'gauge',
    help: 'Configuration epoch the acceptor of the zone is in.',
    labels: { zone: 'zones' },
  },
  acceptorSeq: {
    name: 'kms_acceptor_seq',
    type: 'gauge',
    help: 'Highest sequence seen of the acceptor of the zone; it never goes back.',
    labels: { zone: 'zones' },
  },
  acceptorConfigOk: {
    name: 'kms_acceptor_config_ok',
    type: 'gauge',
    help: '1 while the settings of the Redis of the zone are the safe ones.',
    labels: { zone: 'zones' },
  },
  registersUnderreplicated: {
    name: 'kms_registers_underreplicated',
    type: 'gauge',
    help: 'Registers that the zone under rebuild has no copy of yet.',
    labels: {},
  },
  rebuildActive: {
    name: 'kms_rebuild_active',
    type: 'gauge',
    help: '1 while the acceptor of the zone is being rebuilt.',
    labels: { zone: 'zones' },
  },
  rebuildRecordsDone: {
    name: 'kms_rebuild_records_done',
    type: 'gauge',
    help: 'Records that the rebuild under way has copied; 0 without one.',
    labels: {},
  },
  rebuildRecords: {
    name: 'kms_rebuild_records',
    type: 'gauge',
    help: 'Records that the rebuild under way has to copy; 0 without one.',
    labels: {},
  },
  rebuilds: {
    name: 'kms_rebuilds_total',
    type: 'counter',
    help: 'Rebuilds that this process has brought to their end, by why they were needed.',
    labels: { cause: ['wiped', 'rolled-back', 'old-incarnation', 'replaced'] },
  },
  safetyAlarms: {
    name: 'kms_safety_alarm_total',
    type: 'counter',
    help: 'Things that must never happen; stays 0. One pages at once.',
    labels: {
      kind: [
        'ballot-clash',
        'forged-value',
        'rolled-back',
        'wiped',
        'foreign',
        'unsafe-settings',
        'configuration-split',
      ],
    },
  },
  erasuresPending: {
    name: 'kms_erasures_pending',
    type: 'gauge',
    help: 'Keys whose material still has to leave a disk or a cache; instance: of deleted instances; scheduled: deleted keys inside their restore window.',
    labels: { kind: ['purge', 'deleted', 'instance', 'scheduled'] },
  },
  erasureOldestAge: {
    name: 'kms_erasure_oldest_age_seconds',
    type: 'gauge',
    help: 'Since when the oldest erasure that is not done has been due; 0 without one.',
    labels: {},
  },
  erasuresDone: {
    name: 'kms_erasures_done_total',
    type: 'counter',
    help: 'Erasures that this process has seen to their end.',
    labels: { kind: ['purge', 'deleted', 'instance'] },
  },
  scheduledChanges: {
    name: 'kms_scheduled_changes_total',
    type: 'counter',
    help: 'Changes of keys that time alone brought, as this process tried them; overtaken: another had done it, or the key had changed.',
    labels: {
      kind: ['expire', 'rotate', 'purge', 'date'],
      outcome: ['done', 'overtaken', 'refused', 'failed'],
    },
  },
  scheduledOldestDue: {
    name: 'kms_scheduled_oldest_due_seconds',
    type: 'gauge',
    help: 'Since when the oldest change that this process knows of and that is not made has been due; 0 without one.',
    labels: {},
  },
  clockSkew: {
    name: 'kms_clock_skew_seconds',
    type: 'gauge',
    help: 'How far the clock of this machine is ahead of the median of the zones; beyond 2 either way it does no work by date.',
    labels: {},
  },
  edgeRequests: {
    name: 'kms_edge_requests_total',
    type: 'counter',
    help: 'Client requests by operation and HTTP status.',
    labels: { operation: 'operations', status: 'statuses' },
  },
  edgeRequestDuration: {
    name: 'kms_edge_request_duration_seconds',
    type: 'histogram',
    help: 'How long client requests took, from parsed head to finished answer.',
    labels: { operation: 'operations' },
  },
  edgeConnections: {
    name: 'kms_edge_connections',
    type: 'gauge',
    help: 'Client connections that are open now, by listener: the shared regional port, the zone port, the private endpoint.',
    labels: { listener: ['regional', 'zone', 'private'] },
  },
  edgeProxyRefused: {
    name: 'kms_edge_proxy_refused_total',
    type: 'counter',
    help: 'Connections cut before TLS where a PROXY header is required: from a stranger, without a header, or too slow.',
    labels: { reason: ['untrusted', 'malformed', 'late'] },
  },
  edgeLimited: {
    name: 'kms_edge_limited_total',
    type: 'counter',
    help: 'Requests answered 429 because one tenant asks too much: of its instance, or of a credential that no instance serves.',
    labels: {
      reason: ['instance-rate', 'instance-in-flight', 'credential-rate', 'credential-in-flight'],
    },
  },
  edgeTokens: {
    name: 'kms_edge_tokens_total',
    type: 'counter',
    help: 'Bearer tokens by how they were judged.',
    labels: { result: ['cached', 'verified', 'refused'] },
  },
  cryptoOperations: {
    name: 'kms_crypto_operations_total',
    type: 'counter',
    help: 'Operations of crypto-workers by result; refused: the input did not open or was not valid.',
    labels: { operation: 'operations', result: ['done', 'refused', 'failed'] },
  },
  zoneStanding: {
    name: 'kms_zone_standing',
    type: 'gauge',
    help: '1 for the verdict on the zone as this monitor counts it, 0 for the others; unknown: it is isolated.',
    labels: { zone: 'zones', standing: ['healthy', 'suspect', 'down', 'recovering', 'unknown'] },
  },
  zoneWeight: {
    name: 'kms_zone_advised_weight',
    type: 'gauge',
    help: 'The part of its usual requests that the zone is advised to get, 0 to 1.',
    labels: { zone: 'zones' },
  },
  zoneDrained: {
    name: 'kms_zone_drained',
    type: 'gauge',
    help: '1 while an operator keeps requests away from the zone, as this monitor knows.',
    labels: { zone: 'zones' },
  },
  monitorIsolated: {
    name: 'kms_monitor_isolated',
    type: 'gauge',
    help: '1 while this monitor is not in touch with a majority of all monitors and gives no verdict.',
    labels: {},
  },
  monitorHeard: {
    name: 'kms_monitor_heard',
    type: 'gauge',
    help: '1 while the word of the monitor of that zone is fresh.',
    labels: { zone: 'zones' },
  },
  advicePanic: {
    name: 'kms_advice_panic',
    type: 'gauge',
    help: '1 while too few zones look well for the verdicts to be followed.',
    labels: {},
  },
  probes: {
    name: 'kms_probes_total',
    type: 'counter',
    help: 'Probes of the health monitor by target and result.',
    labels: { zone: 'zones', target: 'services', result: ['ok', 'failed', 'timeout'] },
  },
  probeDuration: {
    name: 'kms_probe_duration_seconds',
    type: 'histogram',
    help: 'How long probes of the health monitor took.',
    labels: { zone: 'zones', target: 'services' },
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricTable = typeof metricTable;
