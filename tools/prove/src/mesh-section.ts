// The mesh in simulation: every scenario, as large as a region may become, with a report and a plot for each.
import { meshScenarioNames, type Overall } from '@zonehold/testkit';
import { grouped, type Section } from './page.ts';
import { timed } from './timed.ts';
import { runWorkers } from './workers.ts';

export interface MeshProof extends Overall {
  readonly name: string;
  readonly violations: readonly string[];
}

const seed = '1';

/** Long: 300 gateways, 300 key-managers, 50,000 requests a second. Writes into `folder`. */
export function proveMesh(isLong: boolean, folder: string): Promise<Section> {
  return timed('The mesh in simulation: zones lost, grey, full, sick and back', async () => {
    const proofs: MeshProof[] = [];
    // One after the other: each holds most of a gigabyte.
    for (const name of meshScenarioNames) {
      const args = [name, isLong ? 'long' : 'small', seed, folder];
      proofs.push(...(await runWorkers<MeshProof>('mesh-worker.ts', [args])));
    }
    return {
      figures: proofs.map(
        ({ name, requests, failedRatio, attemptsPerRequest, ejections }) =>
          `${name}: ${grouped(requests)} requests, ${percent(failedRatio)} failed, ${attemptsPerRequest.toFixed(3)} attempts each, ${grouped(ejections)} ejections`,
      ),
      violations: proofs.flatMap(({ name, violations }) =>
        violations.map((sentence) => `${name}: ${sentence}`),
      ),
    };
  });
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(3)} %`;
}
