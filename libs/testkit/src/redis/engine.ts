// The door to the Docker engine: finds it, labels what is made in it, removes it again. Not a way to start one: that is
// tools/setup/docker-engine.mjs, which `npm test` and `npm run engine` run.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers';

/** Where tools/setup starts an engine when no other answers. */
const ownSocket = '/run/zonehold-engine/docker.sock';
/** Known to tools/setup/sweep-leftovers.mjs, which removes what an owner left behind that has died. */
const ownerLabel = 'zonehold.owner';
const groupLabel = 'zonehold.group';

/** Below Linux's range for outgoing connections and below free-ports.ts: nobody takes a port while its container is down. */
const firstPort = 12_000;
const portsPerProcess = 40;
const processesApart = 200;

export type Engine = ContainerRuntimeClient;

/** The engine. Throws, with the command that starts one, when none answers. */
export async function openEngine(): Promise<Engine> {
  if (process.env['DOCKER_HOST'] === undefined && existsSync(ownSocket)) {
    process.env['DOCKER_HOST'] = `unix://${ownSocket}`;
  }
  try {
    return await getContainerRuntimeClient();
  } catch (error) {
    throw new Error(
      'no Docker engine answers: "npm run engine" starts one (npm test does so by itself)',
      { cause: error },
    );
  }
}

/** What one group of containers and networks carries, so that it can be found and removed whatever happens. */
export function labelsOf(group: string): Record<string, string> {
  return { [ownerLabel]: `${process.pid}.${ownStart()}`, [groupLabel]: group };
}

/** Linux gives pids again, but not with the same start: field 22 of the line, after a name that may contain anything. */
function ownStart(): string {
  const line = existsSync('/proc/self/stat') ? readFileSync('/proc/self/stat', 'utf8') : '';
  return line.split(') ').at(-1)?.split(' ')[19] ?? '';
}

/** What the docker command finds a group by. */
export function filterOf(group: string): string {
  return `label=${groupLabel}=${group}`;
}

let portsGiven = 0;

/**
 * A port that no container and nobody else on this machine has now, and that no other test process gives out: containers must find
 * theirs free again after each restart.
 */
export async function freeContainerPort(): Promise<number> {
  const first = firstPort + (process.pid % processesApart) * portsPerProcess;
  for (let tries = 0; tries < portsPerProcess; tries += 1) {
    const port = first + (portsGiven % portsPerProcess);
    portsGiven += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${first} to ${first + portsPerProcess - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
