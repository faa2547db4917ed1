// Where the key file lies.
import { describe, expect, it } from 'vitest';
import { keyFilePath } from './region-paths.ts';

describe('the key file', () => {
  it('lies in XDG_CONFIG_HOME, named by the cluster', () => {
    expect(keyFilePath('zh-1', { XDG_CONFIG_HOME: '/etc/x' }, '/home/a')).toBe(
      '/etc/x/zonehold/zh-1.key',
    );
  });

  it.each([undefined, '', 'relative'])('lies in ~/.config when XDG_CONFIG_HOME is %s', (value) => {
    expect(keyFilePath('zh-1', { XDG_CONFIG_HOME: value }, '/home/a')).toBe(
      '/home/a/.config/zonehold/zh-1.key',
    );
  });
});
