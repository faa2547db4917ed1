// For tests only: the smallest service there is, run as a process of its own by run-service.test.ts.
import { z } from 'zod';
import { runService } from './run-service.ts';
import { commonSettings } from './settings.ts';

const settings = commonSettings.extend({
  behaviour: z.enum(['serve', 'never-drain', 'fail-later', 'fail-to-start']),
});

await runService({
  settings,
  async start({ settings: { behaviour }, log, self, tls }) {
    if (behaviour === 'fail-to-start') throw new Error('cannot start');
    if (behaviour === 'fail-later')
      setTimeout(() => void Promise.reject(new Error('nobody caught this')), 10);
    log.debug('test.tls', { hasKey: tls.key.length > 0 });
    let isReady = false;
    return {
      reasons: () => (isReady ? [] : ['Nobody asked for readiness yet.']),
      drain: async () => {
        log.info('test.drained', { zone: self.zone });
        if (behaviour === 'never-drain') await new Promise(() => undefined);
      },
      routes: (app) => {
        app.get('/be-ready', (_request, response) => {
          isReady = true;
          response.json({ isReady });
        });
      },
    };
  },
});
