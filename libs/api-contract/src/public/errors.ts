// Refusals of the contract: one table from reason code to status and text (reference §3.3).

/** A refusal as data. `code` selects status and text from the error table; `detail` is appended to the message. */
export interface ApiRefusal {
  readonly code: string;
  readonly detail?: string;
  readonly target?: { readonly type: 'field' | 'query_param'; readonly name: string };
}
