// npm run fresh: wipes local state, so that the next start is a first one.
import { rmSync } from 'node:fs';
import { reportError } from './refusal.ts';
import { refuseWhileRunning } from './running.ts';
import { findState } from './state.ts';

try {
  const state = findState();
  refuseWhileRunning(state);
  const wiped = [state.databases, state.folder, state.secrets];
  for (const path of wiped) rmSync(path, { recursive: true, force: true });
  console.log(`Wiped ${wiped.join(', ')}.`);
} catch (error) {
  reportError(error);
  process.exitCode = 1;
}
