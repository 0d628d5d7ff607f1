// Which test files come first: the first that fails ends a mutant. What failed last, then what is quick.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification) => {
      const name = `${project.name}:${moduleId.slice(project.config.root.length)}`;
      const last = this.ctx.cache.getFileTestResults(name);
      return last?.failed ? -1 : (last?.duration ?? 0);
    };
    return files.toSorted((one, other) => rank(one) - rank(other));
  }
}
