// A zone's key-manager as a process.
import { runService } from '@zonehold/service-host';
import { startKeyManager } from './compose.ts';
import { settingsSchema } from './config.ts';

await runService({ settings: settingsSchema, start: startKeyManager });
