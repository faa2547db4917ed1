// The gateway's process: settings, then compose.ts.
import { runService } from '@zonehold/service-host';
import { startGateway } from './compose.ts';
import { gatewaySettings } from './config.ts';

await runService({ settings: gatewaySettings, start: startGateway });
