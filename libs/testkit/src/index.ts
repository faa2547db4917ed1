export { createTestAuthenticator, fastAuthenticator } from './simulation/authenticator.ts';
export { AcceptorHost, realRules, type AcceptorRules } from './simulation/acceptor-host.ts';
export { HostPort, type HostPortOptions, type Transport } from './simulation/host-port.ts';
