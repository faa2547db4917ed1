// The outcome of reading a part of a request. A type and its two makers.
import type { ApiRefusal } from './errors.ts';

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: ApiRefusal };

export function parsed<Value>(value: Value): Parsed<Value> {
  return { ok: true, value };
}

export function refused(refusal: ApiRefusal): { readonly ok: false; readonly refusal: ApiRefusal } {
  return { ok: false, refusal };
}
