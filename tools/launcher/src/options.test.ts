// The command line and the choice of ports.
import { describe, expect, it } from 'vitest';
import { choosePorts, parseOptions } from './options.ts';

const parse = (...words: string[]) => parseOptions(['node', 'main.ts', ...words], '/home/a');

describe('the command line', () => {
  it('needs no options: us-south in .zonehold of the folder where one stands', () => {
    expect(parse()).toEqual({
      region: 'us-south',
      dataDir: '/home/a/.zonehold',
      port: undefined,
      basePort: undefined,
      privatePort: undefined,
      requestsPerSecond: undefined,
      isDetached: false,
      isBackground: false,
      logLevel: 'info',
      isDev: false,
      isWithFaults: false,
      seedPath: undefined,
    });
  });

  it('takes every option', () => {
    const words =
      '--region eu-de --data-dir /d --port 9443 --base-port 9500 --private-port 9444 --requests-per-second 100 --detach --log-level debug';
    expect(parse(...words.split(' '))).toMatchObject({
      region: 'eu-de',
      dataDir: '/d',
      port: 9443,
      basePort: 9500,
      privatePort: 9444,
      requestsPerSecond: 100,
      isDetached: true,
      logLevel: 'debug',
    });
  });
});

describe('development mode', () => {
  it('takes a seed, relative to where one stands', () => {
    expect(parse('--dev')).toMatchObject({ isDev: true, seedPath: undefined });
    expect(parse('--dev', '--seed', 'my.yaml').seedPath).toBe('/home/a/my.yaml');
  });
});

describe('ports', () => {
  const none = { port: undefined, basePort: undefined };

  it('are 8443 and 8450 on for a new region', () => {
    expect(choosePorts(none, undefined)).toEqual({ regionalPort: 8443, basePort: 8450 });
  });

  it('stay what they were for a region that exists', () => {
    const known = { regionalPort: 9443, basePort: 9700 };
    expect(choosePorts(none, known)).toEqual(known);
    expect(choosePorts({ ...none, port: 9444 }, known)).toEqual({
      regionalPort: 9444,
      basePort: 9700,
    });
  });

  it('follow --port for a new region', () => {
    expect(choosePorts({ ...none, port: 18443 }, undefined)).toEqual({
      regionalPort: 18443,
      basePort: 18450,
    });
  });

  it('of the private endpoint is only there when it was asked for, now or before', () => {
    expect(choosePorts({ ...none, privatePort: 9000 }, undefined).privatePort).toBe(9000);
    const known = { regionalPort: 8443, basePort: 8450, privatePort: 9000 };
    expect(choosePorts(none, known)).toEqual(known);
    for (const privatePort of [8443, 8450, 8479]) {
      const { problem } = choosePorts({ ...none, privatePort }, undefined);
      expect(problem).toContain(`--private-port ${privatePort}`);
    }
  });

  it('that collide are named', () => {
    expect(choosePorts({ port: 8455, basePort: 8450 }, undefined).problem).toContain('--port 8455');
  });
});
