// Whose request it is, through a gateway as it runs: sockets, PROXY headers and forwarding headers, believed and not.
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { gatewaySettings } from './config.ts';
import { headerFor, proxyHeader } from './proxy-header-fixture.ts';
import { instanceId, startStandIn, until, type StandIn, type StandInOptions } from './stand-in.ts';

let region: StandIn;
const path = '/api/v2/keys/key1/actions/wrap';
const loopback = ['127.0.0.0/8'];

async function start(edge: StandInOptions['edge'] = {}): Promise<void> {
  region = await startStandIn({ edge });
}
afterEach(() => region.close());

const origin = () => {
  const { clientAddress, network } = region.asked.at(-1) ?? {};
  return { clientAddress, network };
};

async function askWith(headers: Record<string, string>, port = region.regionalPort) {
  const answer = await region.send({ path, headers, port });
  expect(answer.status).toBe(200);
  return origin();
}

/** Speaks HTTPS over a TCP connection that has said something before; gives the status. */
async function askOver(socket: Duplex, headers: Record<string, string> = {}): Promise<number> {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: kms',
    `Authorization: Bearer ${await region.sign()}`,
    `Bluemix-Instance: ${instanceId}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  const tls = connectTls({ socket, ca: region.ca, servername: 'localhost' });
  tls.write(`${lines.join('\r\n')}\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of tls) chunks.push(chunk as Buffer);
  return Number(Buffer.concat(chunks).toString('latin1').slice(9, 12));
}

/** Sends `header` together with the first bytes that TLS says. */
function inOnePiece(header: Buffer, socket: Socket): Duplex {
  let first: Buffer = header;
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(Buffer.concat([first, chunk]));
      first = Buffer.alloc(0);
      done();
    },
  });
  socket.on('data', (chunk: Buffer) => stream.push(chunk));
  socket.on('close', () => stream.push(null));
  return stream;
}

async function dial(port = region.regionalPort): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

describe('a gateway that was told nothing', () => {
  it('takes the address of the socket, whatever a client says of itself', async () => {
    await start();
    const headers = { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.7' };
    expect(await askWith(headers)).toEqual({ clientAddress: '127.0.0.1', network: 'public' });
  });

  it('knows the private endpoint from the public one by the port alone', async () => {
    await start();
    const own = await askWith({ 'x-forwarded-for': '192.0.2.7' }, region.privatePort);
    expect(own).toEqual({ clientAddress: '127.0.0.1', network: 'private' });
    expect((await askWith({}, region.zonePort)).network).toBe('public');
  });

  it('takes no PROXY header for TLS', async () => {
    await start();
    const socket = await dial();
    socket.write(headerFor('192.0.2.7'));
    await once(socket.resume(), 'close');
    expect(region.asked).toEqual([]);
  });
});

describe('behind proxies that write forwarding headers', () => {
  const by = (clientAddressFrom: 'x-forwarded-for' | 'forwarded', trustedProxies = loopback) => ({
    ...{ trustedProxies, regional: { clientAddressFrom } },
  });

  it('a trusted one names the client, and only in the header that was agreed on', async () => {
    await start(by('x-forwarded-for'));
    const both = { 'x-forwarded-for': '198.51.100.1, 192.0.2.7', forwarded: 'for=203.0.113.1' };
    expect((await askWith(both)).clientAddress).toBe('192.0.2.7');
    expect((await askWith({ forwarded: 'for=203.0.113.1' })).clientAddress).toBe('127.0.0.1');
    expect((await askWith({ 'x-forwarded-for': 'unknown' })).clientAddress).toBe('-');
  });

  it('Forwarded is read as its standard says', async () => {
    await start(by('forwarded'));
    const forwarded = 'for=198.51.100.1, for="[2001:db8::7]:4711";proto=https';
    expect((await askWith({ forwarded, 'x-forwarded-for': '203.0.113.1' })).clientAddress).toBe(
      '2001:db8::7',
    );
  });

  it('a peer that is not one of them names nobody', async () => {
    await start(by('x-forwarded-for', ['10.0.0.0/8']));
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    expect((await askWith(headers)).clientAddress).toBe('127.0.0.1');
  });

  it('each listener has its own habit', async () => {
    await start({ trustedProxies: loopback, private: { clientAddressFrom: 'x-forwarded-for' } });
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    expect((await askWith(headers)).clientAddress).toBe('127.0.0.1');
    expect((await askWith(headers, region.zonePort)).clientAddress).toBe('127.0.0.1');
    expect((await askWith(headers, region.privatePort)).clientAddress).toBe('192.0.2.7');
  });
});

describe('behind a balancer that speaks the PROXY protocol', () => {
  const edge = {
    trustedProxies: loopback,
    regional: { clientAddressFrom: 'proxy-protocol' },
  } as const;
  const refusedWith = async (reason: string): Promise<boolean> =>
    (await region.metrics.text()).includes(`kms_edge_proxy_refused_total{reason="${reason}"`);

  it('its header names the client of the connection, and a header of the client does not', async () => {
    await start(edge);
    const socket = await dial();
    socket.write(headerFor('192.0.2.7'));
    expect(await askOver(socket, { 'x-forwarded-for': '198.51.100.1' })).toBe(200);
    expect(origin()).toEqual({ clientAddress: '192.0.2.7', network: 'public' });
  });

  it('may come byte by byte, or in one piece with what the client says', async () => {
    await start(edge);
    const slow = await dial();
    for (const byte of headerFor('192.0.2.8')) {
      slow.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await askOver(slow)).toBe(200);
    expect(origin().clientAddress).toBe('192.0.2.8');
    expect(await askOver(inOnePiece(headerFor('192.0.2.9'), await dial()))).toBe(200);
    expect(origin().clientAddress).toBe('192.0.2.9');
  });

  it('names each connection by itself, also when many come at once', async () => {
    await start(edge);
    const addresses = Array.from({ length: 20 }, (_, index) => `192.0.2.${index + 1}`);
    await Promise.all(
      addresses.map(async (address) => {
        const socket = await dial();
        socket.write(headerFor(address));
        expect(await askOver(socket, { 'correlation-id': address })).toBe(200);
      }),
    );
    expect(region.asked).toHaveLength(addresses.length);
    for (const { clientAddress, correlationId } of region.asked) {
      expect(clientAddress).toBe(correlationId);
    }
  });

  it('speaks for itself with LOCAL', async () => {
    await start(edge);
    const socket = await dial();
    socket.write(proxyHeader({ command: 0x20, family: 0, addresses: [] }));
    expect(await askOver(socket)).toBe(200);
    expect(origin().clientAddress).toBe('127.0.0.1');
  });

  it.each([
    ['no header', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0, 0, 0, 0, 0])],
    ['the header of version 1', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n')],
    [
      'a header that is too long',
      Buffer.concat([headerFor('192.0.2.7').subarray(0, 14), Buffer.from([2, 9])]),
    ],
  ])('%s ends the connection', async (_what, bytes) => {
    await start(edge);
    const socket = await dial();
    socket.write(bytes);
    await once(socket.resume(), 'close');
    expect(await refusedWith('malformed')).toBe(true);
  });

  it('a header that does not come to its end is waited for so long and no longer', async () => {
    await start(edge);
    const socket = await dial();
    socket.write(headerFor('192.0.2.7').subarray(0, 20));
    await once(socket.resume(), 'close');
    expect(await refusedWith('late')).toBe(true);
  });

  it('a stranger may not speak it, and the ports without it go on', async () => {
    await start({ ...edge, trustedProxies: ['10.0.0.0/8'] });
    const socket = await dial();
    socket.on('error', () => undefined);
    socket.write(headerFor('192.0.2.7'));
    await once(socket.resume(), 'close');
    expect(await refusedWith('untrusted')).toBe(true);
    expect((await askWith({}, region.zonePort)).clientAddress).toBe('127.0.0.1');
    await until(() => region.asked.length === 1);
  });
});

describe('settings', () => {
  const settings = (edge: object) => ({
    ...{ region: 'r', zone: 'z', service: 'gateway', clusterId: 'c', topologyPath: 't' },
    tls: { caPath: 'a', certPath: 'b', keyPath: 'c' },
    ...{ logLevel: 'info', edge: { certPath: 'a', keyPath: 'b', ...edge } },
  });
  const isSound = (edge: object) => gatewaySettings.safeParse(settings(edge)).success;

  it('trust nobody unless they say so', async () => {
    await start();
    expect(gatewaySettings.parse(settings({})).edge).toMatchObject({
      trustedProxies: [],
      regional: { clientAddressFrom: 'socket' },
      private: { clientAddressFrom: 'socket' },
    });
    expect(isSound({ regional: { clientAddressFrom: 'forwarded' } })).toBe(false);
    expect(isSound({ trustedProxies: ['10.0.0.1'] })).toBe(false);
    const whole = { trustedProxies: ['10.0.0.1/32'], private: { clientAddressFrom: 'forwarded' } };
    expect(isSound(whole)).toBe(true);
  });
});
