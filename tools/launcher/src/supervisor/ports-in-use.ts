// Is every port free that the region needs? Asked before anything is started, so that the answer can be one sentence.
import { createServer } from 'node:net';
import { refuse } from '../refusal.ts';
import { loopback } from '../region/settings-files.ts';
import type { ProcessPlan } from './supervised-process.ts';

/** Ports that gateways share, and the option that moves each. */
const endpoints: Readonly<Record<string, { readonly user: string; readonly option: string }>> = {
  regional: { user: 'the regional endpoint', option: '--port' },
  private: { user: 'the private endpoint', option: '--private-port' },
};

/** Refuses, naming the first port that is taken and the option that changes it. */
export async function refusePortsInUse(plans: readonly ProcessPlan[]): Promise<void> {
  const wanted = new Map<number, string>();
  for (const { zone, service, ports } of plans) {
    for (const [name, port] of Object.entries(ports)) {
      const user = endpoints[name]?.user ?? `${service} of ${zone}`;
      const other = wanted.get(port);
      // A Redis that replaced another keeps its port when the others move.
      if (other !== undefined && other !== user) {
        refuse(`Port ${port} is wanted for ${other} and for ${user}; choose another --base-port.`);
      }
      wanted.set(port, user);
    }
  }
  // The regional port first: it is the one that people know.
  const checks = [...wanted]
    .sort((left, right) => left[0] - right[0])
    .map(async ([port, user]) => ({
      port,
      user,
      problem: await listenProblem(port),
    }));
  const taken = (await Promise.all(checks)).find(({ problem }) => problem !== undefined);
  if (taken === undefined) return;
  const endpoint = Object.values(endpoints).find(({ user }) => user === taken.user);
  const option = endpoint?.option ?? '--base-port';
  const reason =
    taken.problem === 'EADDRINUSE'
      ? 'is in use by another program'
      : `cannot be used (${taken.problem ?? ''})`;
  refuse(
    `Port ${taken.port}, wanted for ${taken.user}, ${reason}. Stop that program or choose another port with ${option}.`,
  );
}

/** True when nobody listens there and we may. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenProblem(port)) === undefined;
}

/** The error code of listening there for a moment; undefined when it works. */
function listenProblem(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: loopback, exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
