// For tests only: requests as texts, and refusals as one line.
import type { OperationName } from './operations.ts';
import { parseOperation, type ParsedOperation } from './parse-operation.ts';

/** Parses what is not a text as JSON. */
export function parse<Name extends OperationName>(
  operation: Name,
  bodyText?: unknown,
  query: Readonly<Record<string, string>> = {},
): ParsedOperation<Name> {
  const text =
    typeof bodyText === 'string' || bodyText === undefined ? bodyText : JSON.stringify(bodyText);
  return parseOperation(operation, { query, bodyText: text });
}

/** The code, and the target it names; 'ok' for what is read. */
export function refusalOf(result: ParsedOperation): string {
  if (result.ok) return 'ok';
  const { code, target } = result.refusal;
  return target === undefined ? code : `${code} ${target.type} ${target.name}`;
}
