// npm run rekey -- GROUP COMMAND …: what an operator does beside the Worker.

import { ConfigError } from '../config.ts';
import { AUDIT_USAGE, exportAudit, verifyAudit } from './audit-command.ts';
import { KEY_COMMANDS, KEYS_USAGE } from './keys.ts';
import { reportError } from './refusal.ts';

/** Gives the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

/** Of each group its commands. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  audit: { export: exportAudit, verify: verifyAudit },
  keys: KEY_COMMANDS,
};

const USAGE = `${AUDIT_USAGE}\n\n${KEYS_USAGE}\n`;
const MISUSED = 2;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  reportError(error instanceof ConfigError ? error.message : error);
  process.exitCode = MISUSED;
}

async function run(words: readonly string[]): Promise<number> {
  const [group = '', name = '', ...args] = words;
  if (words.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const commands = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined;
  const command =
    commands !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command(args);
  process.stderr.write(USAGE);
  return MISUSED;
}
