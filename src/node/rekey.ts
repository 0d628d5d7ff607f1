// npm run rekey -- GROUP COMMAND …: what an operator does beside the Worker.

import { ConfigError } from '../config.ts';
import { exportAudit, verifyAudit } from './audit-command.ts';
import { KEY_COMMANDS } from './keys.ts';
import { reportError } from './refusal.ts';

/** Gives the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

/** Of each group its commands. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  audit: { export: exportAudit, verify: verifyAudit },
  keys: KEY_COMMANDS,
};

const MISUSED = 2;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  reportError(error instanceof ConfigError ? error.message : error);
  process.exitCode = MISUSED;
}

async function run([group = '', name = '', ...args]: readonly string[]): Promise<number> {
  const commands = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined;
  const command =
    commands !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command(args);
  const known = Object.entries(GROUPS).flatMap(([of, each]) =>
    Object.keys(each).map((one) => `  npm run rekey -- ${of} ${one}\n`),
  );
  process.stderr.write(`Known commands:\n${known.join('')}`);
  return MISUSED;
}
