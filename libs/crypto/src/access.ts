// The token that opens SecretBytes. It does nothing: importing it is what counts, because one search for this module
// (`@zonehold/crypto/access` from outside) names every file that reads secrets. After Tink's insecuresecretdataaccess.

/** Pass it to `SecretBytes.read` to say: this line handles plaintext secrets on purpose. */
export const secretAccess: unique symbol = Symbol('secret access');

/** The type of the one access token. */
export type SecretAccess = typeof secretAccess;
