// What the measurements say of a deployment that nobody has measured: how much one database carries, how long a change takes
// from afar, and what it costs. A model, fed by the other benchmarks.
import type { Benchmark, Measure } from '../lib/result.ts';
import { exactly } from '../lib/result.ts';
import { readResults, writeResultFile } from '../lib/results.ts';
import {
  findKnee,
  type Load,
  listLoads,
  listRegions,
  type ModelInputs,
  priceMillion,
  sumPrice,
  writerOf,
} from '../model/answers.ts';
import { describeModel, tellAnswer } from '../model/describe.ts';
import { measureInputs, readHashing } from '../model/measured.ts';
import { ceilingOf } from '../model/writer.ts';

export const model: Benchmark = {
  name: 'model',
  title: 'Scale, by a model',
  run: async (progress) => {
    const known = readHashing(readResults());
    progress('inputs');
    const inputs = await measureInputs(known);
    const writer = writerOf(inputs);
    progress('simulation');
    const knee = findKnee(writer);
    writeResultFile('model.md', describeModel(inputs, knee));
    return {
      measures: listMeasures(inputs, knee, ceilingOf(writer)),
      series: {
        regions: listRegions(inputs, 'Virginia'),
        load: listLoads(writer).map((load) => ({ ...load, knee: knee.changesPerSecond })),
        cost: [
          { name: 'change', ...priceMillion(inputs.change) },
          { name: 'sign-in', ...priceMillion(inputs.signIn) },
        ],
      },
      notes: [
        `${tellAnswer(inputs, knee)}: model.md`,
        'simulated, not measured: batches take what they took on a local SQLite, without the copies that D1 makes of what is written',
        known === null
          ? 'hash and processor time were measured here, by a few requests: the overhead had not been measured before'
          : 'hash and processor time are those that the overhead was measured by',
      ],
    };
  },
};

function listMeasures(inputs: ModelInputs, knee: Load, ceiling: number): Measure[] {
  const report = (name: string, unit: Measure['unit'], value: number): Measure => ({
    name,
    unit,
    value: exactly(value),
    goal: null,
  });
  return [
    report('changes that one database carries', '1/s', knee.changesPerSecond),
    report('changes that it could at most, always busy', '1/s', ceiling),
    report('p99 of a change at the database then', 'ms', knee.p99),
    report('a million changes', 'USD', sumPrice(priceMillion(inputs.change))),
    report('a million sign-ins', 'USD', sumPrice(priceMillion(inputs.signIn))),
  ];
}
