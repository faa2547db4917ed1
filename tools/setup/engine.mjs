// `npm run engine`: starts a Docker engine with the images that the integration tests need, and leaves it running for single test files.
// `npm run engine -- stop` ends it.
import { dropEngine, ensureDockerEngine, keepEngine } from './docker-engine.mjs';
import { ensureImages, testImages } from './container-images.mjs';
import { stopWith } from './say.mjs';
import { sweepLeftovers } from './sweep-leftovers.mjs';

const [word = 'start'] = process.argv.slice(2);
if (word === 'start') {
  const engine = await ensureDockerEngine();
  keepEngine();
  await sweepLeftovers(engine.env);
  await ensureImages(testImages, engine.env);
  await engine.release();
  process.stdout.write(`a Docker engine answers at DOCKER_HOST=${engine.env.DOCKER_HOST}\n`);
} else if (word === 'stop') {
  await dropEngine();
} else {
  stopWith(`"${word}" is not known here: say "npm run engine" or "npm run engine -- stop".`, 2);
}
