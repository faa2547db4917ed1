// What a person sees when the region is ready: where it is, and two snippets that work as printed. Pure.
import { relative } from 'node:path';
import type { ClientEnv } from './tenant/client-env.ts';
import type { NotReady } from './supervisor/readiness.ts';

export interface SummaryFacts {
  readonly region: string;
  readonly zones: readonly string[];
  readonly env: ClientEnv;
  readonly clientEnvPath: string;
  readonly cwd: string;
  readonly isNew: boolean;
  readonly isBackground: boolean;
  readonly startedInS: number;
  readonly notReady: readonly NotReady[];
  /** Options that the CLI needs to find this region: none for the default one. */
  readonly cliOptions: string;
  readonly isWithFaults: boolean;
  /** The keys of a development region's seed, as lines. */
  readonly seeded?: readonly string[];
}

/** The closing text of a start. Holds an API key on purpose: the demo tenant is there to be tried. */
export function renderSummary(facts: SummaryFacts): string {
  const { region, zones, env, isNew, startedInS } = facts;
  const lines = [
    '',
    `Zonehold region ${region} is ready (${isNew ? 'new' : 'found again, same keys'}, ${startedInS.toFixed(1)} s).`,
    '',
    `  Endpoint     ${env.KEY_PROTECT_URL}`,
    `  Zones        ${zones.join(', ')}`,
    `  Instance ID  ${env.KEY_PROTECT_INSTANCE_ID}`,
    `  API key      ${env.KEY_PROTECT_API_KEY}`,
    ...(facts.seeded ?? []),
    `  For SDKs     ${shown(facts.clientEnvPath, facts.cwd)} (every role, a second instance, the CA certificate)`,
    ...(facts.isWithFaults
      ? [`  Faults       can be made on purpose: npx zonehold fault add --help (docs/faults.md)`]
      : []),
    '',
    ...facts.notReady.map(
      ({ zone, service, reasons }) => `  Not ready: ${service} of ${zone}: ${reasons.join(' ')}`,
    ),
    ...(facts.notReady.length > 0 ? [''] : []),
    'Create a root key with curl:',
    '',
    ...curlSnippet(facts),
    '',
    'Wrap and unwrap with IBM\'s Node SDK (from the checkout, after "npm start" has installed it):',
    '',
    ...sdkSnippet(facts),
    '',
    `In another terminal: npx zonehold status${facts.cliOptions} · npx zonehold zone kill ${zones[1] ?? ''}${facts.cliOptions}`,
    facts.isBackground
      ? `It runs in the background; stop it with: npx zonehold stop${facts.cliOptions}`
      : `Ctrl-C or "npx zonehold stop${facts.cliOptions}" stops it.`,
    '',
  ];
  return lines.join('\n');
}

function loadEnv(facts: SummaryFacts): string {
  return `set -a; . ${shellWord(dotted(shown(facts.clientEnvPath, facts.cwd)))}; set +a`;
}

function curlSnippet(facts: SummaryFacts): string[] {
  return [
    loadEnv(facts),
    `TOKEN=$(curl -s --cacert "$NODE_EXTRA_CA_CERTS" "$KEY_PROTECT_TOKEN_URL" \\`,
    `  --data-urlencode grant_type=urn:ibm:params:oauth:grant-type:apikey --data-urlencode "apikey=$KEY_PROTECT_API_KEY" \\`,
    `  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl -s --cacert "$NODE_EXTRA_CA_CERTS" "$KEY_PROTECT_URL/api/v2/keys" \\`,
    `  -H "Authorization: Bearer $TOKEN" -H "Bluemix-Instance: $KEY_PROTECT_INSTANCE_ID" \\`,
    `  -H 'Content-Type: application/vnd.ibm.kms.key+json' \\`,
    `  -d '{"metadata":{"collectionType":"application/vnd.ibm.kms.key+json","collectionTotal":1},"resources":[{"type":"application/vnd.ibm.kms.key+json","name":"first","extractable":false}]}'`,
  ];
}

function sdkSnippet(facts: SummaryFacts): string[] {
  return [
    loadEnv(facts),
    `node <<'EOF'`,
    `const KeyProtectV2 = require('@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2');`,
    `const { IamAuthenticator } = require('@ibm-cloud/ibm-key-protect/auth');`,
    `const { KEY_PROTECT_URL: serviceUrl, KEY_PROTECT_TOKEN_URL: url, KEY_PROTECT_API_KEY: apikey, KEY_PROTECT_INSTANCE_ID: bluemixInstance } = process.env;`,
    `const client = new KeyProtectV2({ authenticator: new IamAuthenticator({ apikey, url }), serviceUrl });`,
    `const type = 'application/vnd.ibm.kms.key+json';`,
    `(async () => {`,
    `  const body = { metadata: { collectionType: type, collectionTotal: 1 }, resources: [{ type, name: 'from-node', extractable: false }] };`,
    `  const { id } = (await client.createKey({ bluemixInstance, body })).result.resources[0];`,
    `  const { ciphertext, plaintext } = (await client.wrapKey({ bluemixInstance, id, keyActionWrapBody: {} })).result;`,
    `  const opened = (await client.unwrapKey({ bluemixInstance, id, keyActionUnwrapBody: { ciphertext } })).result;`,
    `  console.log('root key', id, '- the unwrapped data key is the same:', opened.plaintext === plaintext);`,
    `})();`,
    `EOF`,
  ];
}

/** Relative when it lies below where the person stands. */
function shown(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** `.` looks a bare name up in PATH in some shells. */
function dotted(path: string): string {
  return path.startsWith('/') || path.startsWith('.') ? path : `./${path}`;
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
