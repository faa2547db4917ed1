// When a key's own policy rotates it next (reference §17). Pure; whether it may rotate then is transitions.ts.
import type { Key } from './key.ts';
import { rotationMonthMs } from './time-rules.ts';

/**
 * Counted from the last rotation, whoever made it, or from creation, never from when the policy was set: a policy that is set
 * on an old key may be due at once. Undefined without an enabled policy, and for keys that never rotate by themselves.
 */
export function rotationDueAtMs(
  key: Pick<Key, 'isExtractable' | 'isImported' | 'policies' | 'lastRotatedAtMs' | 'createdAtMs'>,
): number | undefined {
  if (key.isExtractable || key.isImported) return undefined;
  const { isEnabled = false, intervalMonths } = key.policies?.rotation ?? {};
  if (!isEnabled || intervalMonths === undefined) return undefined;
  return (key.lastRotatedAtMs ?? key.createdAtMs) + intervalMonths * rotationMonthMs;
}
