// The fuzz itself: the same seed draws the same requests, and a server that does any one thing wrong is caught.
import { openApiDocument } from '@zonehold/api-contract';
import { describe, expect, it } from 'vitest';
import { ContractDocument, type SeenAnswer } from './contract-document.ts';
import { drawRequests, runFuzz, type FuzzPlan, type OutgoingRequest } from './fuzz-campaign.ts';

const document = new ContractDocument(openApiDocument());
const headers = { 'correlation-id': 'c', 'content-type': 'application/json' };

function refusal(code: string, status: number): SeenAnswer {
  const reasons = [{ code, message: 'no', status, moreInfo: 'https://localhost' }];
  const body = {
    metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
    resources: [{ errorMsg: 'no', reasons }],
  };
  return { status, headers, text: JSON.stringify(body) };
}

const made: SeenAnswer = {
  status: 201,
  headers,
  text: '{"resources":[{"id":"0b0cbb34-5c0c-4c11-9d0b-5b0c5f1c9b11"}]}',
};

/** A server that makes the keys of the run itself, and refuses everything else in the contract's words. */
function honest({ method, url }: OutgoingRequest): SeenAnswer {
  const answer =
    method === 'POST' && url.includes('/token')
      ? {
          status: 400,
          headers,
          text: '{"errorCode":"BXNIM0109E","errorMessage":"no","context":{}}',
        }
      : refusal('BAD_BODY_ERR', 400);
  return method === 'HEAD' ? { ...answer, text: '' } : answer;
}

function plan(send: (request: OutgoingRequest) => SeenAnswer, seed = 7): FuzzPlan {
  return {
    ...{ document, seed, requests: 580, connections: 4 },
    keys: { instanceId: 'i', token: 't' },
    serviceToken: 's',
    policies: { instanceId: 'p', token: 'u' },
    send: async (request) => (request.body?.includes('"fuzz"') === true ? made : send(request)),
  };
}

/** Thousands of values are drawn: beside other work a machine needs longer than for other tests. */
const timeout = 30_000;

describe('a run', { timeout }, () => {
  it('draws the same requests from the same seed, and others from another', () => {
    const drawn = (seed: number): string => JSON.stringify(drawRequests(document, seed, 116));
    expect(drawn(1)).toBe(drawn(1));
    expect(drawn(1)).not.toBe(drawn(2));
  });

  it('draws all operations in turn, and about half of the requests valid', () => {
    const requests = drawRequests(document, 3, 580);
    const names = new Set(requests.map(({ operationId }) => operationId));
    expect(names.size).toBe(document.calls.length);
    const valid = requests.filter(({ kind }) => kind === 'valid').length;
    expect(valid).toBeGreaterThan(200);
    expect(valid).toBeLessThan(380);
  });

  it('finds nothing wrong with a server that refuses in the words of the contract', async () => {
    const report = await runFuzz(plan(honest));
    expect(report.faults).toEqual([]);
    expect(report.answered).toBe(580);
    expect(report.byKind.hostile).toBeGreaterThan(25);
  });
});

describe('a server is caught that', { timeout }, () => {
  const wrong: readonly [string, (request: OutgoingRequest) => SeenAnswer, RegExp][] = [
    ['fails', () => refusal('INTERNAL_ERR', 500), /500 is a failure/],
    [
      'fails on bytes that are no text alone',
      (request) =>
        request.body?.includes('\ufeff') === true || request.body?.includes(0xff) === true
          ? refusal('INTERNAL_ERR', 500)
          : honest(request),
      /hostile/,
    ],
    [
      'shows a stack',
      () => {
        const answer = refusal('BAD_BODY_ERR', 400);
        return {
          ...answer,
          text: answer.text.replace('"no"', '"Error\\\\n at x (/app/a.ts:1:2)"'),
        };
      },
      /shows a stack/,
    ],
    [
      'answers a status that is not documented',
      () => ({ status: 418, headers, text: '{}' }),
      /418/,
    ],
    [
      'gives a reason that is not documented',
      () => refusal('KEY_VERSION_INVALID', 400),
      /not as documented/,
    ],
    [
      'answers text',
      (request) => ({ ...honest(request), headers: { 'correlation-id': 'c' } }),
      /no application\/json/,
    ],
    [
      'answers half of a JSON',
      (request) => ({ ...honest(request), text: '{"metadata"' }),
      /is no JSON/,
    ],
    [
      'has no correlation id',
      () => ({ ...refusal('UNAUTHORIZED_ERR', 401), headers: {} }),
      /Correlation-Id/,
    ],
    [
      'tells why it knows nobody',
      () => refusal('UNAUTHORIZED_ERR', 401),
      /401 is not as documented/,
    ],
    [
      'shows a member that is not documented',
      (request) =>
        request.method === 'GET' && request.url.startsWith('/api/v2/key_rings')
          ? {
              status: 200,
              headers,
              text: '{"metadata":{"collectionType":"application/vnd.ibm.kms.key_ring+json","collectionTotal":1},"resources":[{"id":"default","sealed":"x"}]}',
            }
          : honest(request),
      /200 is not as documented.*sealed/s,
    ],
    ['answers a HEAD with a body', (request) => ({ ...honest(request), text: '{}' }), /body/],
    [
      'never answers',
      () => {
        throw new Error('no answer in 10 s');
      },
      /no answer in 10 s/,
    ],
  ];
  it.each(wrong)('%s', async (_name, send, fault) => {
    const { faults } = await runFuzz(plan(send));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).toMatch(fault);
    expect(faults[0]).toMatch(/^seed 7, request \d+ \((valid|near|hostile) \w+\)/);
  });
});
