/** The program with one driver more: as src/cli/main.ts, another table. */
import { fwctlEmu } from '../../src/cli/fwctl-emu.ts';
import { DRIVERS } from '../../src/host/machine/drivers.ts';
import { TOY_DRIVER } from './row.ts';

fwctlEmu(process.argv.slice(2), async () => [...DRIVERS, TOY_DRIVER]).then((status) => process.exit(status));
