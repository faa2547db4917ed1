// The ceiling: a bare node:https server in one process that parses a JSON body and answers a JSON of a given size. Started
// by echo.ts with its TLS files and that size; it prints its port.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [certPath, keyPath, answerBytes] = process.argv.slice(2);
if (certPath === undefined || keyPath === undefined || answerBytes === undefined) {
  throw new Error('usage: echo-server <certificate> <key> <bytes of the answer>');
}
const frameBytes = JSON.stringify({ echo: '' }).length;
const filling = 'x'.repeat(Math.max(0, Number(answerBytes) - frameBytes));

const server = createServer(
  {
    cert: readFileSync(certPath),
    key: readFileSync(keyPath),
    minVersion: 'TLSv1.2',
    // The gateway's first choice, so that both ends of the comparison cipher alike.
    ciphers: 'TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
    honorCipherOrder: true,
    keepAliveTimeout: 65_000,
  },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const text = JSON.stringify({ echo: typeof body === 'object' ? filling : '' });
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': text.length,
      });
      response.end(text);
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
