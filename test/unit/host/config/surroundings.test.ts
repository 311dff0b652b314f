import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSurroundings } from '../../../../src/host/config/surroundings.ts';
import type { SysfsParent } from '../../../../src/host/machine/host-device.ts';
import { shownParents } from '../../../../src/host/machine/shown-parents.ts';

describe('surroundings', () => {
  it('are all, none, or some in one order', () => {
    assert.deepEqual(readSurroundings('all'), ['pci', 'rdma', 'net', 'modules']);
    assert.deepEqual(readSurroundings('none'), []);
    assert.deepEqual(readSurroundings('net+pci'), ['pci', 'net']);
  });

  it('refuse what is none, and say what there is', () => {
    assert.throws(() => readSurroundings('pci+nett'), {
      message:
        'surroundings is all, none, or of pci, rdma, net, modules some with + between; "nett" is none; did you mean net?',
    });
    assert.throws(() => readSurroundings(''), /"" is none/);
  });
});

describe('a function with some of them left out', () => {
  const none = () => [];
  const aux = (what: string) =>
    ({ bus: 'auxiliary', name: `mlx5_core.${what}.0`, driver: what, holds: false, modalias: '' }) as const;
  const pci: SysfsParent = {
    ...{ bus: 'pci', name: '0000:00:0a.0', driver: 'mlx5_core', holds: true },
    identity: { vendor: 1, device: 2, subsystemVendor: 3, subsystemDevice: 4, revision: 5, classCode: 6 },
    shape: () => ({ identity: pci.bus === 'pci' ? pci.identity : assert.fail(), bars: [] }),
    attributes: () => [{ path: 'pools', mode: 0o444, content: '' }],
    modules: [{ name: 'mlx5_core', size: 1, needs: [], drivers: [] }],
    beside: () => ({
      classes: [
        { class: 'net', name: 'n', uevent: none, attributes: none },
        { class: 'infiniband', name: 'i', uevent: none, attributes: none },
      ],
      auxiliary: [aux('eth'), aux('rdma')],
    }),
  };
  const shown = (text: string) => {
    const [first, second] = shownParents([pci, aux('fwctl')], readSurroundings(text));
    assert.equal(second?.name, 'mlx5_core.fwctl.0', 'what leads to fwctl stays');
    assert.ok(first?.bus === 'pci');
    const { classes = [], auxiliary = [] } = first.beside?.() ?? {};
    return [
      ...(first.shape?.() ? ['shape'] : []),
      ...(first.attributes?.() ?? []).map(({ path }) => path),
      ...(first.modules ?? []).map(({ name }) => name),
      ...[...classes, ...auxiliary].map(({ name }) => name),
    ];
  };

  it('has the rest', () => {
    assert.deepEqual(shown('none'), []);
    assert.deepEqual(shown('pci'), ['shape', 'pools']);
    assert.deepEqual(shown('net'), ['n', 'mlx5_core.eth.0']);
    assert.deepEqual(shown('rdma+modules'), ['mlx5_core', 'i', 'mlx5_core.rdma.0']);
    assert.equal(shown('all').length, 7);
  });
});
