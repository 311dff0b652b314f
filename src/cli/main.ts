/** The program: arguments in, exit status out, for the drivers of this build. */
import { fwctlEmu } from './fwctl-emu.ts';

const drivers = async () => (await import('../host/machine/drivers.ts')).DRIVERS;

// Timers of replies still held, and the sockets of a closed view, must not keep a finished program alive. Nothing is
// left to be written.
fwctlEmu(process.argv.slice(2), drivers).then((status) => process.exit(status || process.exitCode));
