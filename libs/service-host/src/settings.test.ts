// Settings, sound and unsound: all problems at once, each with its place.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commonSettings, developmentSettingsPath, parseJson } from './settings.ts';

const sound = {
  region: 'us-south',
  zone: 'us-south-1',
  service: 'gateway',
  clusterId: 'c-1',
  topologyPath: '/data/topology.json',
  tls: { caPath: 'ca.crt', certPath: 'gateway.crt', keyPath: 'gateway.key' },
  logLevel: 'info',
};
const problemsOf = (settings: unknown) => {
  const parsed = parseJson(commonSettings, JSON.stringify(settings), 'The settings');
  return parsed.ok ? [] : parsed.problems;
};

describe('settings', () => {
  it('that are sound are taken as they are', () => {
    expect(parseJson(commonSettings, JSON.stringify(sound), 'The settings')).toEqual({
      ok: true,
      value: sound,
    });
  });

  it('with several problems show all of them at once, each with its place', () => {
    const problems = problemsOf({
      ...sound,
      zone: 'US South',
      logLevel: 'loud',
      tls: { caPath: '' },
      extra: 1,
    });
    for (const place of [
      'zone',
      'logLevel',
      'tls.caPath',
      'tls.certPath',
      'tls.keyPath',
      'extra',
    ]) {
      expect(problems.join('\n')).toContain(place);
    }
    for (const problem of problems) expect(problem).toMatch(/^The settings: .*\.$/);
  });

  it('that are not JSON are one sentence', () => {
    expect(parseJson(commonSettings, '{"secret', 'The settings')).toEqual({
      ok: false,
      problems: ['The settings is not JSON.'],
    });
  });

  it('of an app extend the common ones, and stay strict', () => {
    const schema = commonSettings.extend({ edge: z.strictObject({ certPath: z.string() }) });
    const good = { ...sound, edge: { certPath: 'x' } };
    expect(parseJson(schema, JSON.stringify(good), 'x').ok).toBe(true);
    expect(parseJson(schema, JSON.stringify({ ...good, other: 1 }), 'x').ok).toBe(false);
    expect(parseJson(schema, JSON.stringify(sound), 'x').ok).toBe(false);
  });
});

describe('a service run from source without settings', () => {
  it("takes the checkout's own zone 1", () => {
    expect(developmentSettingsPath('/home/a/zonehold/apps/key-manager/src/main.ts')).toBe(
      '/home/a/zonehold/.zonehold/us-south/zones/us-south-1/key-manager.json',
    );
  });
});
