// Before all else: the mutant that is tried, so that it is there when the modules are loaded, too.
import { inject } from 'vitest';

const name = inject('globalNamespace');
if (name !== undefined && inject('mode') === 'mutant') {
  const namespaces = globalThis as unknown as Record<string, { activeMutant?: string | undefined }>;
  const namespace = namespaces[name];
  if (namespace !== undefined) namespace.activeMutant = inject('activeMutant');
}
