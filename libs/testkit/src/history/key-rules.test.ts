// The oracle's table of a key's rules and the domain's own say the same: a difference is a decision, never an accident.
import { actionTable } from '@zonehold/key-domain';
import { describe, expect, it } from 'vitest';
import { keyRules, meaningOfCode } from './key-rules.ts';

const domainNames: Readonly<Record<string, keyof typeof actionTable>> = {
  versions: 'versionsInAllStates',
};

describe('the rules of the key model', () => {
  it.each(Object.entries(keyRules))('say of %s what the action table says', (action, cells) => {
    const name = domainNames[action] ?? (action as keyof typeof actionTable);
    for (const [state, cell] of Object.entries(actionTable[name].cells)) {
      const meaning = cell === 'ok' ? 'ok' : meaningOfCode[cell];
      expect(cells[Number(state) as keyof typeof cells], `state ${state}`).toBe(meaning);
    }
  });
});
