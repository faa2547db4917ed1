// Which register names there can be: for what callers ask, and for what acceptors claim to hold.
import type { RegisterId } from './register-store.ts';

const scopePattern = /^[A-Za-z0-9._:-]{1,100}$/;
const namePattern = /^[A-Za-z0-9._:/-]{1,100}$/;

/** True for an id as RegisterId describes it. A '/' in a scope would let two registers share a row. */
export function isRegisterId({ scope, name }: RegisterId): boolean {
  // A pattern would read an undefined scope as the text 'undefined'.
  return (
    typeof scope === 'string' &&
    typeof name === 'string' &&
    scopePattern.test(scope) &&
    namePattern.test(name)
  );
}
