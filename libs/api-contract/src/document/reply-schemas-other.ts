// Bodies of answers that are not about keys and policies: errors, tokens, registrations, import tokens.
import { z } from 'zod';
import { errorTable, type ReasonCode } from '../public/errors.ts';

const timestamp = z
  .string()
  .meta({ format: 'date-time', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$` });

/** Every refusal; `reasons` is absent in a 401 alone. */
export const error = z.object({
  metadata: z.object({
    collectionType: z.literal('application/vnd.ibm.kms.error+json'),
    collectionTotal: z.literal(1),
  }),
  resources: z
    .array(
      z.object({
        errorMsg: z.string(),
        reasons: z
          .array(
            z.object({
              code: z.enum(Object.keys(errorTable) as [ReasonCode, ...ReasonCode[]]),
              message: z.string(),
              status: z.int().min(400).max(599),
              moreInfo: z.string(),
              target: z
                .object({ type: z.enum(['field', 'query_param']), name: z.string() })
                .optional(),
            }),
          )
          .length(1)
          .optional(),
      }),
    )
    .length(1),
});

/** A bearer token of the identity endpoint. */
export const token = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().min(1),
  expiration: z.int(),
  scope: z.string(),
});

/** A refusal of the identity endpoint, which has a shape of its own. */
export const tokenError = z.object({
  errorCode: z.string(),
  errorMessage: z.string(),
  context: z.record(z.string(), z.string()),
});

/** A resource that is protected by a key. */
export const registration = z.object({
  keyId: z.string(),
  keyName: z.string().optional(),
  resourceCrn: z.string(),
  createdBy: z.string(),
  creationDate: timestamp,
  updatedBy: z.string(),
  lastUpdated: timestamp,
  description: z.string().optional(),
  registrationMetadata: z.string().optional(),
  preventKeyDeletion: z.boolean(),
  keyVersion: z.object({ id: z.string(), creationDate: timestamp.optional() }).optional(),
});

/** Where a private endpoint listens under an allowedIP policy. */
export const allowedIpPort = z.object({ private_endpoint_port: z.int() });

/** An import token without its key. */
export const importToken = z.object({
  expiration: z.int().optional(),
  maxAllowedRetrievals: z.int(),
  creationDate: timestamp,
  expirationDate: timestamp,
  remainingRetrievals: z.int().min(0),
});

/** An import token with the public key to wrap material with. */
export const importTokenWithKey = importToken.extend({ payload: z.string(), nonce: z.string() });

/** That resources move from one root key to another. */
export const migrationIntent = z.object({
  id: z.string(),
  sourceCRK: z.string(),
  targetCRK: z.string(),
  creationDate: timestamp,
  createdBy: z.string(),
});
