// `zonehold status`: asks the launcher, every health-monitor and one key-manager, each for what it knows best.
import { get } from 'node:http';
import type { Command } from 'commander';
import type { AdminReplies, ZonesReply } from '@zonehold/api-contract';
import { askOperator, openOperatorMesh, type RegionPaths } from '@zonehold/launcher';
import type { Topology } from '@zonehold/service-host';
import { printJson, printText } from '../output.ts';
import { askLauncher, findRegion, readTopology, type RegionOptions } from '../running-region.ts';
import { buildStatus, renderStatus } from '../status-view.ts';

/** A monitor that needs longer is itself news. */
const monitorTimeoutMs = 1_000;
/** A view of nine zones is a few kilobytes. */
const replyMaxChars = 1_000_000;

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('Zones, processes, acceptors, and why one is out')
    .option('--json', 'one JSON document')
    .action((options: RegionOptions & { json?: true }) => showStatus(options));
}

async function showStatus(options: RegionOptions & { json?: true }): Promise<void> {
  const paths = findRegion(options);
  const { processes, phase, supervisorPid } = await askLauncher(paths, { command: 'processes' });
  const topology = readTopology(paths);
  const [monitors, acceptors] = await Promise.all([
    Promise.all(topology.zones.map(({ 'health-monitor': monitor }) => askMonitor(monitor))),
    askAcceptors(paths, topology),
  ]);
  const status = buildStatus({
    region: topology.region,
    endpoint: `https://localhost:${topology.regionalPort}`,
    phase,
    supervisorPid,
    zones: topology.zones.map(({ zone }) => zone),
    processes,
    monitors: monitors.filter((reply) => reply !== undefined),
    acceptors,
  });
  if (options.json === true) printJson(status);
  else printText(renderStatus(status));
}

/** `GET /zones` of one monitor; undefined when it does not answer. */
function askMonitor({
  host,
  opsPort,
}: {
  host: string;
  opsPort: number;
}): Promise<ZonesReply | undefined> {
  return new Promise((resolve) => {
    const url = { host, port: opsPort, path: '/zones', timeout: monitorTimeoutMs };
    const request = get(url, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > replyMaxChars) response.destroy();
      });
      response.on('error', () => resolve(undefined));
      response.on('close', () => resolve(parseZones(text)));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

/** Our own monitor's words; a monitor that is just starting answers something else. */
function parseZones(text: string): ZonesReply | undefined {
  try {
    const reply = JSON.parse(text) as Partial<ZonesReply>;
    return Array.isArray(reply.zones) ? (reply as ZonesReply) : undefined;
  } catch {
    return undefined;
  }
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
