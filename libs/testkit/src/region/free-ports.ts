// Ports for a region beside other regions and tests on one machine.
import { createServer } from 'node:net';

/** Below Linux's range for outgoing connections (32768 on), so that no client socket takes a port after we have looked. */
const firstPort = 20_000;
const lastPort = 32_000;
/** Three zones of ten ports, and the regional one before them. */
const blockSize = 31;

/** A regional port (the wanted one, if given) and a block of thirty free ports. Looks from a random place on. */
export async function findFreePorts(
  wantedRegionalPort?: number,
): Promise<{ regionalPort: number; basePort: number }> {
  const blockCount = Math.floor((lastPort - firstPort) / blockSize);
  const start = Math.floor(Math.random() * blockCount);
  for (let step = 0; step < blockCount; step += 1) {
    const first = firstPort + ((start + step) % blockCount) * blockSize;
    const ports = Array.from({ length: blockSize }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) {
      return { regionalPort: wantedRegionalPort ?? first, basePort: first + 1 };
    }
  }
  throw new Error(`no ${blockSize} free ports in a row from ${firstPort} to ${lastPort}`);
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
