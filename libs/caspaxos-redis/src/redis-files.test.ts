// What is written for redis-server: the configuration from its template, and the ACL file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { redisPasswordHash, renderAclFile } from './acl-file.ts';
import { renderRedisConfig, type RedisConfigValues } from './redis-config.ts';

const template = readFileSync(join(import.meta.dirname, '../../../docker/redis.conf'), 'utf8');
const values: RedisConfigValues = {
  bind: '127.0.0.1',
  port: 7001,
  certPath: '/tls/redis.crt',
  keyPath: '/tls/redis.key',
  caPath: '/tls/ca.crt',
  aclPath: '/etc/users.acl',
  dataDir: '/data dir/"quoted"',
  logPath: '',
};

describe('renderRedisConfig', () => {
  it('fills in every value, quoted', () => {
    const lines = renderRedisConfig(template, values).split('\n');
    expect(lines).toContain('tls-port 7001');
    expect(lines).toContain('dir "/data dir/\\"quoted\\""');
    expect(lines).toContain('logfile ""');
  });

  it('refuses a value that would start another setting', () => {
    const evil = { ...values, dataDir: '/data\nappendonly no' };
    expect(() => renderRedisConfig(template, evil)).toThrow('one line');
  });

  it('refuses a template that does not use a value, or asks for another', () => {
    expect(() => renderRedisConfig('port {{port}}', values)).toThrow('does not use');
    expect(() => renderRedisConfig(`${template}\nx {{other}}`, values)).toThrow('asks for other');
  });

  it('gives the reason for every setting in the lines above it', () => {
    const lines = template.split('\n');
    const mute = lines.filter((line, index) => {
      const above = lines[index - 1] ?? '';
      return line !== '' && !line.startsWith('#') && above === '';
    });
    expect(mute).toEqual([]);
  });
});

describe('renderAclFile', () => {
  const hash = redisPasswordHash('secret');

  it('switches the default user off, without a password, and with no right to read', () => {
    const [first = ''] = renderAclFile({}).split('\n');
    expect(first).toMatch(/^user default off resetpass /);
    expect(first).not.toMatch(/nopass|\+@|\+get|\+hget/);
  });

  it('holds hashes only', () => {
    const text = renderAclFile({ 'key-manager': hash });
    expect(text).toContain(`user key-manager on #${hash} `);
    expect(text).not.toContain('secret');
    expect(() => renderAclFile({ 'key-manager': 'secret' })).toThrow('not SHA-256');
  });
});
