// A crypto-worker: the only process that sees key material in the clear. Run with ZONEHOLD_SETTINGS=<file>.
import { runService, settingsExitCode } from '@zonehold/service-host';
import { isKmsError } from '@zonehold/primitives';
import { startCryptoWorker } from './compose.ts';
import { settingsSchema } from './config.ts';

await runService({
  settings: settingsSchema,
  start: async (context) => {
    try {
      return await startCryptoWorker(context);
    } catch (error) {
      if (!isKmsError(error, 'SEALED')) throw error;
      // Trying again cannot help: a person must bring the right files. The launcher does not restart this exit code.
      context.log.error('root.refused', { reason: error.message });
      process.stderr.write(`${error.message}\n`);
      process.exit(settingsExitCode);
    }
  },
});
