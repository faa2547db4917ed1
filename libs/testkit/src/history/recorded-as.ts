// Which model's records these are: histories from files hold any JSON, and a model must be given what it understands.
import type { CellInput, CellOutput } from './cell-model.ts';
import { keyActions } from './key-rules.ts';
import type { KeyInput, KeyOutput } from './key-model.ts';
import type { ListInput, ListOutput } from './list-model.ts';
import type { RecordedOperation } from './operation.ts';

/** A record of nobody knows what. */
type AnyRecord = RecordedOperation<unknown, unknown>;
type Members = Readonly<Record<string, (value: unknown) => boolean>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value);
const isOneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);

/** Has all of `needed`, some of `allowed`, and nothing else. */
function hasMembers(value: unknown, needed: Members, allowed: Members = {}): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const record = value as Readonly<Record<string, unknown>>;
  return (
    Object.keys(needed).every((name) => Object.hasOwn(record, name)) &&
    Object.entries(record).every(([name, member]) => {
      const isRight = Object.hasOwn(needed, name) ? needed[name] : undefined;
      const isRightToo = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
      return (isRight ?? isRightToo)?.(member) ?? false;
    })
  );
}

const answers = ({ outcome, output }: AnyRecord, needed: Members, allowed?: Members): boolean =>
  outcome !== 'ok' || hasMembers(output, needed, allowed);

/** True when the cell model understands it. */
export function isCellOperation(
  operation: AnyRecord,
): operation is RecordedOperation<CellInput, CellOutput> {
  const { input } = operation;
  const isAsked =
    hasMembers(input, { action: isOneOf('read') }) ||
    hasMembers(input, { action: isOneOf('swap'), expected: isTextOrNull, value: isText });
  return isAsked && answers(operation, { isSwapped: isFlag, seen: isTextOrNull });
}

/** True when the list model understands it. */
export function isListOperation(
  operation: AnyRecord,
): operation is RecordedOperation<ListInput, ListOutput> {
  const { input } = operation;
  const isAsked =
    hasMembers(input, { action: isOneOf('read') }) ||
    hasMembers(input, { action: isOneOf('append'), value: isText });
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
  return isAsked && answers(operation, { seen: isList });
}

/** True when the key model understands it. */
export function isKeyOperation(
  operation: AnyRecord,
): operation is RecordedOperation<KeyInput, KeyOutput> {
  const isAsked = hasMembers(
    operation.input,
    { action: isOneOf(...keyActions) },
    { canExpire: isFlag, versionId: isText },
  );
  const allowed = {
    code: isText,
    keyState: isOneOf(1, 2, 3, 5),
    versionId: isText,
    versionCount: isCount,
  };
  return isAsked && answers(operation, { status: isCount }, allowed);
}
