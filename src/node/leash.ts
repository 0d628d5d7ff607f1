// Runs a command of Node in a process group of its own, which ends when stdin closes: with whoever holds the other
// end, however that one died. Arguments: the command's.
import { spawn } from 'node:child_process';

/** For an orderly end; what is left of the group after it is killed. */
const GRACE_MS = 4000;

const command = spawn(process.execPath, process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'inherit'],
});
let stopping = false;

command.on('error', () => process.exit(1));
command.on('exit', (code) => (stopping ? killGroup() : process.exit(code ?? 1)));
// The group's leader outlives its members, whatever the group is sent.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
process.stdin.on('end', stop).on('error', stop).resume();

function stop(): void {
  if (stopping) return;
  stopping = true;
  command.kill('SIGTERM');
  setTimeout(killGroup, GRACE_MS);
}

/** This process is of the group. */
function killGroup(): void {
  process.kill(-process.pid, 'SIGKILL');
}
