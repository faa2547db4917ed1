// Audit events: what an auditor must find, as fields that never change their meaning. Ids and times only: no secret, no name
// that a customer gave. Delivered at least once: after a crash an event may come again with the same fields.

/**
 * The sealed material of a key is in no acceptor's memory or files and in no process's cache any more. `kind`: the key was
 * purged, or it was deleted and its restore window is over; `instance`: the key of a deleted instance, under which all its material was sealed
 * (`keyId` is then `instance`). Times are ISO; what is not covered: docs/erasure.md.
 */
export interface ErasureDone {
  readonly event: 'erasure.done';
  readonly instanceId: string;
  readonly keyId: string;
  readonly kind: 'purge' | 'deleted' | 'instance';
  /** When it was asked for, when no acceptor's memory held it, when nothing did. */
  readonly requestedAt: string;
  readonly spreadAt: string;
  readonly doneAt: string;
}

/**
 * A service says what it did about an event (`POST /event_ack`). Nobody here sent it that event, and nothing is compared: these are
 * its words, bounded in form. `saidAt` is the service's own time, ISO.
 */
export interface EventAcknowledged {
  readonly event: 'event.acknowledged';
  readonly instanceId: string;
  readonly credentialId: string;
  readonly service: string;
  readonly eventId: string;
  readonly adopterKeyState: string;
  readonly saidAt: string;
  readonly rewrappedKeyVersionId?: string;
}

/**
 * Somebody who is signed in to a zone's console gave an order: a drain, a fault, the end of one. `session` names the session of one sign-in,
 * `operator` is the name that was given there, which nobody checks. `details` is the order's body, bounded in form, without secrets.
 */
export interface ConsoleOrdered {
  readonly event: 'console.ordered';
  readonly session: string;
  readonly operator: string;
  readonly order: string;
  readonly details: object;
  readonly result: 'done' | 'refused';
  /** Why it was refused. */
  readonly refusal?: string;
}

export type AuditEvent = ErasureDone | EventAcknowledged | ConsoleOrdered;
