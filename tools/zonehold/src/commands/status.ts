// `zonehold status`: asks the launcher, every health-monitor and one key-manager, each for what it knows best.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { AdminReplies, ZonesReply } from '@zonehold/api-contract';
import { listFaults } from '@zonehold/faults';
import { askOperator, openOperatorMesh, type RegionPaths } from '@zonehold/launcher';
import { systemClock } from '@zonehold/primitives';
import type { Topology } from '@zonehold/service-host';
import { askOps, type OpsListener } from '../ask-ops.ts';
import { printJson, printText } from '../output.ts';
import { askLauncher, findRegion, readTopology, type RegionOptions } from '../running-region.ts';
import { buildStatus, renderStatus } from '../status-view.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('Zones, processes, acceptors, and why one is out')
    .option('--json', 'one JSON document')
    .action((options: RegionOptions & { json?: true }) => showStatus(options));
}

async function showStatus(options: RegionOptions & { json?: true }): Promise<void> {
  const paths = findRegion(options);
  const { processes, phase, supervisorPid, dev } = await askLauncher(paths, {
    command: 'processes',
  });
  const topology = readTopology(paths);
  const [monitors, acceptors, faults] = await Promise.all([
    Promise.all(topology.zones.map(({ 'health-monitor': monitor }) => askMonitor(monitor))),
    askAcceptors(paths, topology),
    existsSync(paths.faults) ? listFaults(paths.faults, systemClock) : undefined,
  ]);
  const status = buildStatus({
    region: topology.region,
    endpoint: `https://localhost:${topology.regionalPort}`,
    phase,
    supervisorPid,
    zones: topology.zones.map(({ zone }) => zone),
    processes,
    monitors: monitors.filter((reply) => reply !== undefined),
    ...{ acceptors, dev, faults },
  });
  if (options.json === true) printJson(status);
  else printText(renderStatus(status, systemClock.wallMs()));
}

/** `GET /zones` of one monitor; undefined when it does not answer, or is just starting. */
async function askMonitor(monitor: OpsListener): Promise<ZonesReply | undefined> {
  const reply = (await askOps(monitor, '/zones')) as Partial<ZonesReply> | undefined;
  return Array.isArray(reply?.zones) ? (reply as ZonesReply) : undefined;
}

async function askAcceptors(
  paths: RegionPaths,
  topology: Topology,
): Promise<AdminReplies['zones'] | { readonly problem: string }> {
  const mesh = openOperatorMesh(paths, topology);
  try {
    return await askOperator<'zones'>(mesh, { kind: 'zones' });
  } catch (error) {
    return { problem: `No key-manager could be asked: ${(error as Error).message}.` };
  } finally {
    await mesh.close();
  }
}
