/** `fwctl-emu pci`: the devices as PCI functions of virtual machines, and the control socket beside them. */
import type { Machine } from '../emulator/machine.ts';
import type { Settings } from '../emulator/settings.ts';
import { EXIT } from '../host/config/cli-error.ts';
import type { Log } from '../host/machine/log.ts';
import { servePci } from '../serve/pci.ts';
import { SERVE_SIGNALS } from '../serve/signals.ts';
import { loadNative } from '../transport/native.ts';
import type { PciVerbOptions } from './command.ts';
import { openServeControl } from './control-socket.ts';

type Work = (machine: Machine, settings: Settings, log: Log, end: { asked: boolean }) => Promise<number>;

/** Serves until a signal; the exit status. Throws CliError. */
export function pciUntilSignal(options: PciVerbOptions, version: string, say: (line: string) => void): Work {
  return async (machine, { devices }, log, end) => {
    end.asked = true;
    const { host } = machine;
    for (const spec of devices) host.plug(spec);
    const native = loadNative();
    const serving = await servePci(host, options.socket, native, log);
    const { controlSocket = `${options.socket}.control` } = options;
    let control: Awaited<ReturnType<typeof openServeControl>>;
    try {
      const asked = new Promise<NodeJS.Signals>((resolve) => {
        for (const name of SERVE_SIGNALS) process.once(name, resolve);
      });
      control = await openServeControl({ ...options, controlSocket }, { machine, configured: devices, version, log });
      for (const line of serving.lines) say(line);
      native.notify(`READY=1\nSTATUS=${serving.lines.join('; ')}`);
      const signal = await asked;
      log.info('stopped', { signal });
    } finally {
      serving.close();
      await control?.finish();
    }
    return EXIT.ok;
  };
}
