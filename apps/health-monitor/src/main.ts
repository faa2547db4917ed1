// A health-monitor: watches every zone of its region and says what it sees. Run with ZONEHOLD_SETTINGS=<file>.
import { runService } from '@zonehold/service-host';
import { startHealthMonitor } from './compose.ts';
import { settingsSchema } from './config.ts';

await runService({ settings: settingsSchema, start: startHealthMonitor });
