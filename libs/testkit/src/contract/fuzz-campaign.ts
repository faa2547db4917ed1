// A run of drawn requests against a region, each answer judged by the document. A seed gives the same requests again; what they meet
// depends on those before them, so a fault names its request in full.
import fc from 'fast-check';
import { codeOf, type ContractDocument, type SeenAnswer } from './contract-document.ts';
import { fuzzRequest, type FuzzKind, type FuzzRequest } from './fuzz-request.ts';
import { FuzzWorld } from './fuzz-world.ts';

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** An instance, and a token with rights on it. */
export interface Tenant {
  readonly instanceId: string;
  readonly token: string;
}

export interface FuzzPlan {
  readonly document: ContractDocument;
  readonly seed: number;
  readonly requests: number;
  /** Requests under way at a time. */
  readonly connections: number;
  /** Rejects when there is no answer in time. */
  readonly send: (request: OutgoingRequest) => Promise<SeenAnswer>;
  /** Where keys are made and used. */
  readonly keys: Tenant;
  /** A service's token in the instance of `keys`: valid requests that only services may make are sent with it. */
  readonly serviceToken: string;
  /** Where policies of an instance are set: they may lock everybody out. */
  readonly policies: Tenant;
  /** Called when so many requests have been answered. */
  readonly onProgress?: (answered: number) => Promise<void>;
}

export interface FuzzReport {
  readonly answered: number;
  readonly byKind: Readonly<Record<FuzzKind, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Reason codes that were seen. */
  readonly codes: readonly string[];
  /** Successes by operation. */
  readonly successes: Readonly<Record<string, number>>;
  /** Each with its place in the run and its request; at most `faultsMax`. */
  readonly faults: readonly string[];
}

/** More of the same tell nothing new. */
const faultsMax = 20;
const shownMax = 600;

/** What is not served has one answer only: for each of its requests there are so many of what is served. */
const servedWeight = 4;

/** Requests of all operations in turn, the same for the same seed. */
export function drawRequests(
  document: ContractDocument,
  seed: number,
  count: number,
): FuzzRequest[] {
  const weights = document.calls.map(({ isImplemented }) => (isImplemented ? servedWeight : 1));
  const turns = Math.ceil(count / weights.reduce((sum, weight) => sum + weight, 0));
  const drawn = document.calls.map((call, at) =>
    fc.sample(fuzzRequest(document, call), {
      seed: seed + at,
      numRuns: turns * (weights[at] ?? 1),
    }),
  );
  return Array.from({ length: turns * servedWeight }, (_, round) =>
    drawn.flatMap((requests, at) => {
      const isInTurn = weights[at] === servedWeight || round % servedWeight === 0;
      const place = weights[at] === servedWeight ? round : round / servedWeight;
      return isInTurn ? (requests[place] ?? []) : [];
    }),
  )
    .flat()
    .slice(0, count);
}

/** Sends the plan's requests and judges the answers. */
export async function runFuzz(plan: FuzzPlan): Promise<FuzzReport> {
  const requests = drawRequests(plan.document, plan.seed, plan.requests);
  const world = new FuzzWorld();
  const tally = new Tally();
  const total = requests.length;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < total && tally.faults.length < faultsMax) {
      const at = next;
      next += 1;
      if (world.isShortOfKeys) await makeKey(plan, world, tally);
      const request = requests[at];
      if (request !== undefined) await sendOne(plan, world, tally, at, request);
      await plan.onProgress?.(tally.answered);
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, work));
  return tally.report();
}

/** Runs are about keys: without some that live, most requests would only be told that there is none. */
async function makeKey(plan: FuzzPlan, world: FuzzWorld, tally: Tally): Promise<void> {
  const { instanceId, token } = plan.keys;
  const resource = { name: 'fuzz', extractable: world.isNextStandard };
  const body = { metadata: { collectionTotal: 1 }, resources: [resource] };
  const answer = await plan.send({
    method: 'POST',
    url: '/api/v2/keys',
    headers: { authorization: `Bearer ${token}`, 'bluemix-instance': instanceId },
    body: Buffer.from(JSON.stringify(body)),
  });
  if (answer.status === 201) world.made(answer.text);
  else tally.faults.push(`no key could be made: ${answer.status} ${answer.text}`);
}

async function sendOne(
  plan: FuzzPlan,
  world: FuzzWorld,
  tally: Tally,
  at: number,
  request: FuzzRequest,
): Promise<void> {
  const outgoing = outgoingOf(plan, world, request);
  const fault = (what: string): void => {
    tally.faults.push(
      `seed ${plan.seed}, request ${at} (${request.kind} ${request.operationId}): ${what}\n  ${shown(outgoing)}`,
    );
  };
  let answer: SeenAnswer;
  try {
    answer = await plan.send(outgoing);
  } catch (error) {
    fault(error instanceof Error ? error.message : String(error));
    return;
  }
  tally.count(request, answer);
  world.learn(request, outgoing, answer);
  for (const what of plan.document.faults(outgoing.method, outgoing.url, answer)) fault(what);
}

function outgoingOf(plan: FuzzPlan, world: FuzzWorld, request: FuzzRequest): OutgoingRequest {
  const isAboutPolicies = request.path.startsWith('/api/v2/instance/');
  const body = world.bodyOf(request);
  const { token: userToken, instanceId } = isAboutPolicies ? plan.policies : plan.keys;
  const isOfService =
    request.kind === 'valid' && plan.document.call(request.operationId).isServiceOnly;
  const token = isOfService ? plan.serviceToken : userToken;
  const headers = {
    authorization: `Bearer ${token}`,
    'bluemix-instance': instanceId,
    ...request.headers,
    // Without it a client may send the body of a GET as the beginning of the next request.
    ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
  };
  return {
    method: request.method,
    url: world.pathOf(request) + request.query,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    ...(body === undefined ? {} : { body }),
  };
}

/** The request without its token. */
function shown({ method, url, headers, body }: OutgoingRequest): string {
  const others = { ...headers, authorization: '-' };
  return `${method} ${url} ${JSON.stringify(others)} ${body?.toString('utf8') ?? ''}`.slice(
    0,
    shownMax,
  );
}

class Tally {
  readonly faults: string[] = [];
  answered = 0;
  readonly #kinds: Record<FuzzKind, number> = { valid: 0, near: 0, hostile: 0 };
  readonly #statuses: Record<string, number> = {};
  readonly #successes: Record<string, number> = {};
  readonly #codes = new Set<string>();

  count({ kind, operationId }: FuzzRequest, { status, text }: SeenAnswer): void {
    this.answered += 1;
    this.#kinds[kind] += 1;
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    const code = codeOf(text);
    if (code !== undefined) this.#codes.add(code);
    if (status < 300) this.#successes[operationId] = (this.#successes[operationId] ?? 0) + 1;
  }

  report(): FuzzReport {
    return {
      answered: this.answered,
      byKind: this.#kinds,
      byStatus: this.#statuses,
      codes: [...this.#codes].toSorted(),
      successes: this.#successes,
      faults: this.faults.slice(0, faultsMax),
    };
  }
}
