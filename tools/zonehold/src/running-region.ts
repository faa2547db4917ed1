// Finds a region by its files and asks its launcher. Nothing here starts or writes anything.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  askControl,
  openOperatorMesh,
  refuse,
  regionPaths,
  type ControlReply,
  type ControlRequest,
  type RegionPaths,
} from '@zonehold/launcher';
import type { MeshClient, ServiceName } from '@zonehold/mesh';
import type { Topology } from '@zonehold/service-host';

/** Options that every command has. */
export interface RegionOptions {
  readonly region: string;
  readonly dataDir: string;
}

/** The region exists, but its launcher does not answer. */
export class NotRunning extends Error {
  override readonly name = 'NotRunning';
}

/** The files of the region that the options name. Refuses when there is none. */
export function findRegion({ region, dataDir }: RegionOptions): RegionPaths {
  const paths = regionPaths(resolve(dataDir), region);
  if (!existsSync(paths.record)) {
    throw new NotRunning(
      `There is no region ${region} in ${resolve(dataDir)}. Run "npm start" first, or say where it is with --data-dir and --region.`,
    );
  }
  return paths;
}

/** Sends one request to the launcher. Fails with NotRunning when it does not answer, with a refusal when it says no. */
export async function askLauncher(
  paths: RegionPaths,
  request: ControlRequest,
): Promise<Extract<ControlReply, { ok: true }>> {
  const reply = await askControl(paths.supervisorSocket, request);
  if (reply === undefined) {
    throw new NotRunning(
      `The region in ${paths.regionDir} is not running. Start it with "npm start".`,
    );
  }
  return reply.ok ? reply : refuse(reply.error);
}

export function readTopology(paths: RegionPaths): Topology {
  return JSON.parse(readFileSync(paths.topology, 'utf8')) as Topology;
}

type Task<Result> = (mesh: MeshClient) => Promise<Result>;

/** Runs `task` with the operator's connections to the key-managers, of a region that runs. */
export function withOperator<Result>(options: RegionOptions, task: Task<Result>): Promise<Result> {
  return withMesh(options, 'key-manager', task);
}

/** The same with connections to the health-monitors. */
export function withMonitors<Result>(options: RegionOptions, task: Task<Result>): Promise<Result> {
  return withMesh(options, 'health-monitor', task);
}

async function withMesh<Result>(
  options: RegionOptions,
  service: ServiceName,
  task: Task<Result>,
): Promise<Result> {
  const paths = findRegion(options);
  await askLauncher(paths, { command: 'processes' });
  const mesh = openOperatorMesh(paths, readTopology(paths), service);
  try {
    return await task(mesh);
  } finally {
    await mesh.close();
  }
}
