// What a bearer token of this region says (reference §2.4): made by a key-manager, read by a gateway. Not how it is signed.

/** The claims of an access token, with the names that the SDKs decode. Times are seconds since the epoch. */
export interface TokenClaims {
  /** The region's issuer, as `verificationKeys` names it. */
  readonly iss: string;
  readonly iam_id: string;
  /** The same as `iam_id` for API keys. */
  readonly sub: string;
  readonly account: { readonly bss: string };
  /** The API key's id: grants hang on it. */
  readonly apikey_id: string;
  readonly iat: number;
  readonly exp: number;
}
