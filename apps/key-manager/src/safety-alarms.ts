// What the store reports, as metrics and log lines. An alarm is logged once for each zone and kind in a while, with one
// sentence that says what happened and what it means; the counter counts every one.
import type { AcceptorStanding, SafetyAlarm } from '@zonehold/caspaxos';
import type { RegisterStoreObserver } from '@zonehold/caspaxos-redis';
import type { Clock } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';

interface AlarmRow {
  readonly metric:
    | 'ballot-clash'
    | 'forged-value'
    | 'rolled-back'
    | 'wiped'
    | 'foreign'
    | 'unsafe-settings'
    | 'configuration-split';
  readonly sentence: string;
}

const alarmRows: Readonly<Record<SafetyAlarm, AlarmRow>> = {
  forged: {
    metric: 'forged-value',
    sentence: 'A register of this zone failed authentication; its answer is refused.',
  },
  'implausible-ballot': {
    metric: 'forged-value',
    sentence: 'This zone showed a ballot that no history can have produced; its answer is refused.',
  },
  clash: {
    metric: 'ballot-clash',
    sentence: 'Two values were seen under one ballot; nothing is served from this register.',
  },
  'forged-configuration': {
    metric: 'forged-value',
    sentence: 'The configuration of this zone failed authentication; it takes no part.',
  },
  'configuration-fork': {
    metric: 'configuration-split',
    sentence: 'Two configurations of one epoch were seen; the zone takes no part.',
  },
};

/** Standings that must never come up by themselves; the store's own sentence says why. */
const standingAlarms: Partial<Readonly<Record<AcceptorStanding, AlarmRow['metric']>>> = {
  wiped: 'wiped',
  foreign: 'foreign',
  'rolled-back': 'rolled-back',
  'unsafe-settings': 'unsafe-settings',
};

/** A zone that lies does so with every read: thousands of times a second. */
const repeatAfterMs = 60_000;

export interface SafetyAlarmsOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** An observer for `createRegisterStore`. */
export function createStoreObserver(options: SafetyAlarmsOptions): RegisterStoreObserver {
  const { log, metrics } = options;
  const rarely = onceInAWhile(options.clock);
  const lastStanding = new Map<string, AcceptorStanding>();
  const hit = metrics.paxosReadFastpath.of({ hit: 'yes' });
  const miss = metrics.paxosReadFastpath.of({ hit: 'no' });
  const raise = (metric: AlarmRow['metric'], zone: string, sentence: string): void => {
    metrics.safetyAlarms.of({ kind: metric }).inc();
    rarely(`${metric}/${zone}`, () =>
      log.error('safety.alarm', { alarm: metric, acceptorZone: zone, sentence }),
    );
  };
  return {
    round: (phase, outcome) => metrics.paxosRounds.of({ phase, outcome }).inc(),
    conflict: () => metrics.paxosConflicts.of({}).inc(),
    reads: (path, count) => (path === 'fast' ? hit : miss).inc(count),
    unknown: () => metrics.paxosUnknown.of({}).inc(),
    epoch: (epoch) => log.info('configuration.adopted', { epoch }),
    alarm: (kind, zone) => raise(alarmRows[kind].metric, zone, alarmRows[kind].sentence),
    standing: (zone, standing, reason) => {
      metrics.acceptorUp.of({ zone }).set(standing === 'voter' ? 1 : 0);
      if (standing === 'voter' || standing === 'unsafe-settings')
        metrics.acceptorConfigOk.of({ zone }).set(standing === 'voter' ? 1 : 0);
      const metric = standingAlarms[standing];
      if (metric !== undefined) raise(metric, zone, reason);
      // A zone that is away alternates between these two with every attempt to reach it.
      if (standing === 'connecting' || lastStanding.get(zone) === standing) return;
      lastStanding.set(zone, standing);
      if (metric === undefined) {
        log.info('acceptor.standing', { acceptorZone: zone, standing, reason });
      }
    },
  };
}

/** Runs `action` unless one with the same name ran within a minute. Names come from closed sets. */
function onceInAWhile(clock: Clock): (name: string, action: () => void) => void {
  const lastMs = new Map<string, number>();
  return (name, action) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - (lastMs.get(name) ?? -Infinity) < repeatAfterMs) return;
    lastMs.set(name, nowMs);
    action();
  };
}
