/** The program: arguments in, exit status out, for the drivers of this build. */
import { takeWaitingChild } from '../view/waiting-child.ts';
import { fwctlEmu } from './fwctl-emu.ts';

const drivers = async () => (await import('../host/machine/drivers.ts')).DRIVERS;

const waiting = takeWaitingChild(process.env, process.pid);
// Timers of held replies and the sockets of a closed view must not keep a finished program alive. All has been written.
fwctlEmu(process.argv.slice(2), drivers, waiting).then((status) => process.exit(status || process.exitCode));
