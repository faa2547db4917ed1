// Which requests are the console's own page's, and which speak in its name.
import { describe, expect, it } from 'vitest';
import { refusalOf, type GuardedRequest } from './request-guard.ts';

const host = '127.0.0.1:8459';
const look: GuardedRequest = {
  ...{ method: 'GET', host, origin: undefined, fetchSite: 'none', contentType: undefined },
};
const order: GuardedRequest = {
  ...{ method: 'POST', host, origin: `http://${host}`, fetchSite: 'same-origin' },
  contentType: 'application/json',
};

type Case = readonly [what: string, request: GuardedRequest];

describe('the guard', () => {
  it.each<Case>([
    ['a look', look],
    ['an order of the page', order],
    ['an order of a browser that says less', { ...order, fetchSite: undefined }],
    ['a body with a charset', { ...order, contentType: 'Application/JSON; charset=utf-8' }],
    ...[
      'localhost',
      'localhost:1',
      '127.0.0.1',
      '127.3.2.1:65535',
      '[::1]:8459',
      'LOCALHOST:80',
    ].map((name) => [`a look at ${name}`, { ...look, host: name }] as Case),
  ])('lets %s pass', (_what, request) => {
    expect(refusalOf(request)).toBeUndefined();
  });

  it.each<Case>([
    ...[
      ...[
        'attacker.example',
        'attacker.example:8459',
        '127.0.0.1.attacker.example',
        '10.0.0.7:8459',
      ],
      ...[
        'localhost.attacker.example',
        '127.0.0.1:8459@attacker.example',
        '',
        '[::2]',
        '128.0.0.1',
      ],
    ].map((name) => [`the name ${name}`, { ...look, host: name }] as Case),
    ['no name at all', { ...look, host: undefined }],
    ['a look from another origin', { ...look, origin: 'http://attacker.example' }],
    ['an order without an origin', { ...order, origin: undefined }],
    ['an order from another site', { ...order, origin: 'https://attacker.example' }],
    ['an order from another port of this host', { ...order, origin: 'http://127.0.0.1:8443' }],
    ['an order from the same host over TLS', { ...order, origin: `https://${host}` }],
    ['an order from nowhere', { ...order, origin: 'null' }],
    ['an order that the browser calls foreign', { ...order, fetchSite: 'same-site' }],
    [
      'a rebound name that agrees with itself',
      { ...order, host: 'a.example', origin: 'http://a.example' },
    ],
  ])('refuses %s', (_what, request) => {
    expect(refusalOf(request)).toMatchObject({ status: 403 });
  });

  it.each([undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
    'refuses an order whose body is %j: forms of other pages could send that',
    (contentType) => {
      expect(refusalOf({ ...order, contentType })).toMatchObject({ status: 415 });
    },
  );
});
