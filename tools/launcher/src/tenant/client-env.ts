// client.env: what an SDK needs to use the region. Rendering and reading are pure; the values are secrets, the file is 0600.

/** Variables of the first Manager key and of one key per other role. */
export const apiKeyVariables = [
  'KEY_PROTECT_API_KEY',
  'KEY_PROTECT_API_KEY_READER',
  'KEY_PROTECT_API_KEY_READERPLUS',
  'KEY_PROTECT_API_KEY_WRITER',
  'KEY_PROTECT_API_KEY_KEYPURGE',
  'KEY_PROTECT_API_KEY_MANAGER2',
] as const;

const variables = [
  'KEY_PROTECT_URL',
  'KEY_PROTECT_TOKEN_URL',
  'KEY_PROTECT_INSTANCE_ID',
  'KEY_PROTECT_INSTANCE_ID_2',
  ...apiKeyVariables,
  'NODE_EXTRA_CA_CERTS',
] as const;
export type ClientVariable = (typeof variables)[number];
export type ClientEnv = Readonly<Record<ClientVariable, string>>;

/** What follows from ports and paths, and may change from start to start. */
export function endpointVariables(
  regionalPort: number,
  caPath: string,
): Pick<ClientEnv, 'KEY_PROTECT_URL' | 'KEY_PROTECT_TOKEN_URL' | 'NODE_EXTRA_CA_CERTS'> {
  const url = `https://localhost:${regionalPort}`;
  // With its path: Node's and Python's SDKs strip and re-add it, Go's uses it as it is (reference section 2).
  return {
    KEY_PROTECT_URL: url,
    KEY_PROTECT_TOKEN_URL: `${url}/identity/token`,
    NODE_EXTRA_CA_CERTS: caPath,
  };
}

/** Lines that both a shell (`set -a; . client.env`) and dotenv-like readers take: bare where possible, else in single quotes. */
export function renderClientEnv(env: ClientEnv): string {
  const lines = variables.map((name) => `${name}=${quote(env[name])}`);
  return `${lines.join('\n')}\n`;
}

/** Reads what renderClientEnv wrote. Undefined when a variable is missing: the file is then made anew. */
export function parseClientEnv(text: string): ClientEnv | undefined {
  const entries = text
    .split('\n')
    .filter((line) => /^[A-Z0-9_]+=/.test(line))
    .map((line) => {
      const end = line.indexOf('=');
      return [line.slice(0, end), unquote(line.slice(end + 1))] as const;
    });
  const env = Object.fromEntries(entries);
  return variables.every((name) => env[name] !== undefined) ? (env as ClientEnv) : undefined;
}

function quote(value: string): string {
  return /^[A-Za-z0-9_./:@%+-]+$/.test(value)
    ? value
    : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function unquote(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll(String.raw`'\''`, "'") : text;
}
