/** The emulated kernel's modules, in /sys/module and /proc/modules. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelModule } from '../../../src/host/machine/host-device.ts';
import { modulesOfAll, moduleTops, procModulesWith } from '../../../src/view/modules.ts';
import { connectx } from './devices.ts';

const CORE: KernelModule = { name: 'mlx5_core', size: 4096, needs: [], drivers: ['pci:mlx5_core'] };
const FWCTL: KernelModule = { name: 'fwctl', size: 20480, needs: [], drivers: [] };
const MLX5: KernelModule = { name: 'mlx5_fwctl', size: 16384, needs: ['fwctl', 'mlx5_core'], drivers: [] };
const ALL = [FWCTL, MLX5, CORE];

describe('/proc/modules', () => {
  it('has a line for each, with who needs it, before those of the machine', () => {
    assert.equal(
      procModulesWith('fuse 1 0 - Live 0x0000000000000000\n', ALL),
      [
        'fwctl 20480 1 mlx5_fwctl, Live 0x0000000000000000',
        'mlx5_fwctl 16384 0 - Live 0x0000000000000000',
        'mlx5_core 4096 1 mlx5_fwctl, Live 0x0000000000000000',
        'fuse 1 0 - Live 0x0000000000000000\n',
      ].join('\n'),
    );
  });

  it("has the machine's own line where it has such a module", () => {
    const own = 'fwctl 7 0 - Live 0x0000000000000000\n';
    assert.equal(procModulesWith(own, [FWCTL]), own);
  });
});

describe('/sys/module', () => {
  const tops = moduleTops(ALL, () => ALL);
  const entry = (name: string, path: string) => tops.find(([at, top]) => at === `module/${name}` && top === path)?.[2];

  it('tells size and users', () => {
    const size = entry('fwctl', 'coresize');
    assert.equal(size?.kind === 'file' && size.content, '20480\n');
    const count = entry('fwctl', 'refcnt');
    assert.equal(count?.kind === 'file' && typeof count.content === 'function' && count.content(), '1\n');
    const holders = entry('mlx5_core', 'holders');
    assert.deepEqual(holders?.kind === 'directory' && Array.from(holders.entries()), [
      ['mlx5_fwctl', { kind: 'link', to: 'module/mlx5_fwctl' }],
    ]);
  });

  it('and the drivers lead to each other', () => {
    const drivers = entry('mlx5_core', 'drivers');
    assert.deepEqual(drivers?.kind === 'directory' && Array.from(drivers.entries()), [
      ['pci:mlx5_core', { kind: 'link', to: 'bus/pci/drivers/mlx5_core' }],
    ]);
    assert.deepEqual(
      tops.filter(([, name]) => name === 'module'),
      [['bus/pci/drivers/mlx5_core', 'module', { kind: 'link', to: 'module/mlx5_core' }]],
    );
  });

  it('has each once, of whichever device', () => {
    const device = (modules: readonly KernelModule[]) => {
      const [pci, ...rest] = connectx(0, '0000:00:0a.0').parents;
      assert.ok(pci?.bus === 'pci');
      return { ...connectx(0, '0000:00:0a.0'), parents: [{ ...pci, modules }, ...rest] };
    };
    const devices = [device(ALL), device(ALL), device([FWCTL]), connectx(1, '0000:00:0b.0')];
    assert.deepEqual(modulesOfAll(devices), ALL);
  });
});
