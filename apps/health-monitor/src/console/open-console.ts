// Puts the console of one monitor together, in a region whose settings say where its token lies; elsewhere there is none.
import { readFileSync } from 'node:fs';
import type { FrameMethod, MeshClient } from '@zonehold/mesh';
import { assert, Deadline, toHex } from '@zonehold/primitives';
import { listenerOf, type ServiceContext } from '@zonehold/service-host';
import type { Settings } from '../config.ts';
import type { Monitor } from '../monitor.ts';
import { Console } from './console.ts';
import type { Controls, Refusal } from './controls.ts';
import { DirectoryFaults } from './fault-controls.ts';
import { Reports } from './reports.ts';
import type { ConsoleState } from './state.ts';
import { readReport, reporterOf, reportMethod, reportTimeoutMs } from './zone-report.ts';

export interface OpenConsole {
  readonly console: Console;
  /** What other monitors ask for. */
  readonly methods: Readonly<Record<string, FrameMethod>>;
  start(): void;
  stop(): void;
}

/** Fails when the token cannot be read. Undefined when the settings name none. */
export function openConsole(
  context: ServiceContext<Settings>,
  { mesh, monitor }: { readonly mesh: MeshClient; readonly monitor: Monitor },
): OpenConsole | undefined {
  const { settings, topology, self, clock, random, log } = context;
  if (settings.console === undefined) return undefined;
  const zones = topology.zones.map(({ zone }) => zone);
  const [gateway, keyManager] = (['gateway', 'key-manager'] as const).map((service) =>
    listenerOf(topology, self.zone, service),
  );
  assert(gateway !== undefined && keyManager !== undefined, 'the topology has this zone');
  const reports = new Reports({
    ...{ self: self.zone, zones, clock },
    own: reporterOf(self.zone, { gateway, keyManager }, clock),
    ask: async (zone) => {
      const deadline = Deadline.after(clock, reportTimeoutMs);
      const { reply } = await mesh.call(
        'health-monitor',
        reportMethod,
        {},
        { deadline, retry: 'none', zone },
      );
      return readReport(reply, zone);
    },
  });
  const faults =
    settings.faults === undefined
      ? undefined
      : new DirectoryFaults(settings.faults.dir, { zones, clock, random });
  const consoles = topology.zones.map(({ zone, 'health-monitor': { host, opsPort } }) => ({
    zone,
    url: `http://${host}:${opsPort}/console/`,
  }));
  const state = (): ConsoleState => ({
    ...{ at: new Date(clock.wallMs()).toISOString(), consoles },
    ...{ health: monitor.regionHealth(), reports: reports.all() },
    faults: {
      isEnabled: faults !== undefined,
      active: faults?.list() ?? [],
      presets: faults?.presets ?? [],
    },
  });
  return {
    console: new Console({
      ...{ zone: self.zone, token: readFileSync(settings.console.tokenPath, 'utf8').trim() },
      ...{ history: monitor.history, state, samples: () => reports.samples.all() },
      controls: controlsOf(monitor, faults, () => toHex(random.bytes(8))),
      ...{ clock, random, log },
    }),
    methods: { [reportMethod]: { callers: ['health-monitor'], handle: async () => reports.own() } },
    start: () => {
      reports.start();
      faults?.start();
    },
    stop: () => {
      reports.stop();
      faults?.stop();
    },
  };
}

function controlsOf(
  monitor: Pick<Monitor, 'drain' | 'undrain'>,
  faults: Controls['faults'],
  newId: () => string,
): Controls {
  const refusalOf = (reply: ReturnType<Monitor['drain']>): Refusal =>
    reply.ok ? undefined : reply.reason;
  return {
    drain: async (order) => refusalOf(monitor.drain({ id: newId(), ...order })),
    undrain: async (zone) => refusalOf(monitor.undrain({ zone })),
    faults,
  };
}
