// What a bearer token of this region says (reference §2.4): made by a key-manager, read by a gateway. Not how it is signed.

/** `sub_type` of a service's token. A user's has none, and other kinds there are none of. */
export const serviceSubject = 'Service';

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
  /** Both of a service's token only: what kind of subject, and the name that the service's CRNs have. */
  readonly sub_type?: string;
  readonly service_name?: string;
  readonly iat: number;
  readonly exp: number;
}
