// Requests drawn from the document, valid, almost valid and hostile, against the running region: it never fails, never hangs, always
// answers as documented, and its memory stays where it is. ZONEHOLD_FUZZ_REQUESTS and ZONEHOLD_FUZZ_SEED choose another run.
import { randomInt } from 'node:crypto';
import { ContractDocument, runFuzz, type ServedDocument, type Tenant } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownInstance, serviceKey } from './own-instance.ts';
import { RawClient } from './raw-client.ts';
import { attachRegion } from './region.ts';

const requests = Number(process.env['ZONEHOLD_FUZZ_REQUESTS'] ?? 2_000);
const seed = Number(process.env['ZONEHOLD_FUZZ_SEED'] ?? randomInt(1, 2 ** 31));
const connections = 8;
/** Each request may take its deadline, but not all of them: 10 ms each is ten times what they take, and a minute to begin. */
const timeoutMs = 60_000 + requests * 20;
/** Heaps grow until V8 collects them: what a process may have more at the end than after its first quarter. */
const growthMaxMib = 96;
const watched = ['gateway', 'key-manager', 'crypto-worker'];
const mib = 1024 * 1024;

const region = attachRegion();
const client = new RawClient(region, connections);
let document: ContractDocument;

beforeAll(async () => {
  const served = await client.send({ method: 'GET', url: '/openapi.json', headers: {} });
  document = new ContractDocument(JSON.parse(served.text) as ServedDocument);
});
afterAll(() => client.close());

/** Resident memory by process. */
async function residentMib(): Promise<Readonly<Record<string, number>>> {
  const metrics = await region.allMetrics();
  return Object.fromEntries(
    metrics
      .filter(({ service }) => watched.includes(service))
      .map(({ zone, service, text }) => {
        const found = /^process_resident_memory_bytes\{.*\} (\S+)$/m.exec(text);
        if (found === null) throw new Error(`${service} of ${zone} does not tell its memory`);
        return [`${service} ${zone}`, Number(found[1]) / mib];
      }),
  );
}

/** Without successes a run would only show how requests are refused. Some want hours of waiting, or another person. */
const succeededMin = 0.7;

async function tenant(name: string): Promise<Tenant> {
  const { instanceId, apiKey } = await ownInstance(region, name);
  return { instanceId, token: await region.tokenOf(apiKey) };
}

describe(`${requests} requests of seed ${seed}`, () => {
  it(
    'are answered as documented, without a failure, and leave no memory behind',
    async () => {
      const [keys, policies] = [await tenant('fuzz'), await tenant('fuzz policies')];
      const apiKey = await serviceKey(region, keys.instanceId, 'databases');
      const serviceToken = await region.tokenOf(apiKey);
      let before: Readonly<Record<string, number>> | undefined;
      const report = await runFuzz({
        ...{ document, seed, requests, connections, keys, policies, serviceToken },
        send: client.send,
        onProgress: async (answered) => {
          if (before === undefined && answered >= requests / 4) {
            before = {};
            before = await residentMib();
          }
        },
      });
      const after = await residentMib();
      const growth = Object.entries(after).map(([name, now]) => ({
        name,
        mib: Math.round(now - (before?.[name] ?? 0)),
      }));
      const most = growth.toSorted((a, b) => b.mib - a.mib)[0];
      const { byKind, byStatus, codes, successes } = report;
      console.log(`fuzz: seed ${seed}, ${report.answered} answers ${JSON.stringify(byStatus)}`);
      console.log(`fuzz: ${JSON.stringify(byKind)}, ${codes.length} reason codes seen`);
      console.log(`fuzz: memory grew most in ${most?.name ?? '-'}: ${most?.mib ?? 0} MiB`);
      expect(report.faults.join('\n\n')).toBe('');
      expect(growth.filter((entry) => entry.mib > growthMaxMib)).toEqual([]);
      const served = document.calls.filter(({ isImplemented }) => isImplemented);
      const silent = served
        .map(({ operationId }) => operationId)
        .filter((name) => successes[name] === undefined);
      console.log(`fuzz: no success of ${silent.join(', ')}`);
      expect(1 - silent.length / served.length).toBeGreaterThan(succeededMin);
    },
    timeoutMs,
  );
});
