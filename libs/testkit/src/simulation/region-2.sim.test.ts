// The second half of a thousand regions under faults: see region.sim.test.ts. A file of its own, so that two cores share them.
import { declareRegions } from './simulated-regions.ts';

declareRegions(501, 1_000);
