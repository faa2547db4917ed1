// Fills in docker/redis.conf. Values only: which settings are safe is the template's matter, and the guard checks it.
import { assert } from '@zonehold/primitives';

/** Where one acceptor's Redis listens and keeps things. Paths must be absolute. */
export interface RedisConfigValues {
  readonly bind: string;
  readonly port: number;
  readonly certPath: string;
  readonly keyPath: string;
  readonly caPath: string;
  readonly aclPath: string;
  readonly dataDir: string;
  /** Empty: standard output. */
  readonly logPath: string;
}

/**
 * The text of redis.conf. `template` is docker/redis.conf; every `{{name}}` in it must be a member of `values`, and every
 * member must be used, so that neither can change without the other.
 */
export function renderRedisConfig(template: string, values: RedisConfigValues): string {
  const unused = new Set(Object.keys(values));
  const text = template
    .split('\n')
    .map((line) => (line.startsWith('#') ? line : renderLine(line, values, unused)))
    .join('\n');
  assert(unused.size === 0, `redis.conf does not use ${[...unused].join(', ')}`);
  return text;
}

function renderLine(line: string, values: RedisConfigValues, unused: Set<string>): string {
  return line.replace(/\{\{([A-Za-z]+)\}\}/g, (_whole, name: string) => {
    assert(Object.hasOwn(values, name), `redis.conf asks for ${name}`);
    unused.delete(name);
    return quoted(values[name as keyof RedisConfigValues]);
  });
}

/** Redis reads a quoted word with backslash escapes; a newline would start another setting. */
function quoted(value: string | number): string {
  if (typeof value === 'number') return String(value);
  assert(!/[\r\n\0]/.test(value), 'a redis.conf value must be one line');
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
