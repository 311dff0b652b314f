/**
 * The one state of a port. What has been asked for is in the images of PAOS, PTYS, PPLM, PPLR, PPAOS and PMAOS; what is
 * plugged the profile says (ports.module). What the link does about it follows here, and every register that tells of
 * the link asks here, so that they agree whichever was written last. The partner can do everything and is always there,
 * unless an operator has set PAOS.oper_status (the link is cut), PTYS's operational speed (the partner's fastest) or
 * PMAOS.oper_status (the cable is pulled).
 */
import { type Module, moduleByName } from '../../../abi/mlx5/modules.ts';
import { PAOS } from '../../../abi/mlx5/registers/paos.ts';
import { PMAOS } from '../../../abi/mlx5/registers/pmaos.ts';
import { PPAOS } from '../../../abi/mlx5/registers/ppaos.ts';
import { PPLM } from '../../../abi/mlx5/registers/pplm.ts';
import { PPLR } from '../../../abi/mlx5/registers/pplr.ts';
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import type { Mlx5Device } from '../device.ts';
import type { Down } from '../port-traffic.ts';
import { bestMode, chosenFec, extendedSpeeds, LINK_MODES, type Link, type LinkMode } from './link-modes.ts';

const paosAdmin = PAOS.word('admin_status');
const paosOper = PAOS.word('oper_status');
const testMode = PPAOS.word('phy_test_mode_admin');
const pmaosAdmin = PMAOS.word('admin_status');
const pmaosOper = PMAOS.word('oper_status');
const loopback = PPLR.word('lb_en');
const masks = (set: 'ext_eth' | 'eth') => ({
  capability: PTYS.word(`${set}_proto_capability`),
  admin: PTYS.word(`${set}_proto_admin`),
  oper: PTYS.word(`${set}_proto_oper`),
});
/** PTYS's two sets of masks. */
export const extended = masks('ext_eth');
export const older = masks('eth');
const fec = new Map(
  LINK_MODES.flatMap(({ fecField }) =>
    fecField === undefined
      ? []
      : [
          [
            fecField,
            {
              capability: PPLM.word(`fec_override_cap_${fecField}`),
              admin: PPLM.word(`fec_override_admin_${fecField}`),
            },
          ] as const,
        ],
  ),
);

/** PAOS and PMAOS: admin_status and oper_status. */
export const STATUS = { up: 1, down: 2 } as const;
export const MODULE_STATUS = { enabled: 1, unplugged: 2, failed: 3, unknown: 5 } as const;
export const MODULE_ADMIN = { enabled: 1, disabled: 2, enabledOnce: 3, disconnected: 0xe } as const;
/** PPLR.lb_en, PDDR.loopback_mode: the transmitter is looped back before it leaves the chip. */
export const LOCAL_LOOPBACK = 2;

/** Modules are numbered from 0, one a port. */
export function moduleOf(port: number): number {
  return port - 1;
}

/** What is plugged into the port; undefined: nothing, or what is there has been disconnected by command. */
export function pluggedModule(device: Mlx5Device, port: number): Module | undefined {
  const image = device.registerTable.imageOf(device, PMAOS, moduleOf(port));
  if (pmaosAdmin.get(image, 0) === MODULE_ADMIN.disconnected) return undefined;
  return pmaosOper.get(image, 0) === MODULE_STATUS.unplugged ? undefined : moduleByName(device.profile.ports.module);
}

/** PMAOS.oper_status. */
export function moduleStatus(device: Mlx5Device, port: number): number {
  const image = device.registerTable.imageOf(device, PMAOS, moduleOf(port));
  if (pluggedModule(device, port) === undefined) return MODULE_STATUS.unplugged;
  if (pmaosOper.get(image, 0) === MODULE_STATUS.failed) return MODULE_STATUS.failed;
  return pmaosAdmin.get(image, 0) === MODULE_ADMIN.disabled ? MODULE_STATUS.unknown : MODULE_STATUS.enabled;
}

/** PPLR.lb_en. */
export function loopbackOf(device: Mlx5Device, port: number): number {
  return loopback.get(device.registerTable.imageOf(device, PPLR, port), 0);
}

/** Whether the port is closed and sends test patterns. */
export function inTestMode(device: Mlx5Device, port: number): boolean {
  const { registerTable } = device;
  return (
    paosAdmin.get(registerTable.imageOf(device, PAOS, port), 0) === STATUS.down &&
    testMode.get(registerTable.imageOf(device, PPAOS, port), 0) === 1
  );
}

/** The speeds that the port has, and those of them that are asked for, as extended ones. */
export function portSpeeds(device: Mlx5Device, port: number): { readonly able: number; readonly asked: number } {
  const image = device.registerTable.imageOf(device, PTYS, port);
  const able = extended.capability.get(image, 0);
  if (able !== 0) return { able, asked: extended.admin.get(image, 0) & able };
  const old = extendedSpeeds(older.capability.get(image, 0));
  return { able: old, asked: extendedSpeeds(older.admin.get(image, 0)) & old };
}

/** What the cable lets through of the port's speeds: PDDR's cable_ext_eth_proto_cap. */
export function cableSpeeds(device: Mlx5Device, port: number): number {
  const module = pluggedModule(device, port);
  return module === undefined ? 0 : (portSpeeds(device, port).able & module.speeds) >>> 0;
}

/** Worked out once for as long as nothing changes that it follows from (`relinks`). */
export function linkOf(device: Mlx5Device, port: number): Link {
  let link = device.links.get(port);
  if (link === undefined) {
    link = workedOut(device, port);
    device.links.set(port, link);
  }
  return link;
}

function workedOut(device: Mlx5Device, port: number): Link {
  const down = whyDown(device, port);
  if (down !== undefined) return { down, mode: undefined, fec: 0 };
  const mode = negotiated(device, port);
  if (mode === undefined) return { down: 'no-partner', mode, fec: 0 };
  const image = device.registerTable.imageOf(device, PPLM, port);
  const fields = mode.fecField === undefined ? undefined : fec.get(mode.fecField);
  const active =
    fields === undefined ? 0 : chosenFec(mode, fields.capability.get(image, 0), fields.admin.get(image, 0));
  return { down: undefined, mode, fec: active };
}

function whyDown(device: Mlx5Device, port: number): Down | undefined {
  const image = device.registerTable.imageOf(device, PAOS, port);
  if (paosAdmin.get(image, 0) === STATUS.down) return inTestMode(device, port) ? 'testing' : 'closed';
  if (paosOper.get(image, 0) !== STATUS.up) return 'no-partner';
  if (loopbackOf(device, port) === LOCAL_LOOPBACK) return undefined;
  const status = moduleStatus(device, port);
  if (status === MODULE_STATUS.unplugged) return 'unplugged';
  if (status === MODULE_STATUS.failed) return 'module-failed';
  return status === MODULE_STATUS.enabled ? undefined : 'module-disabled';
}

/**
 * The fastest mode of those asked for that the cable and the partner take. Copper is tried at what is asked for even
 * where it is not made for it; a laser is not (unverified). A local loopback does without both.
 */
function negotiated(device: Mlx5Device, port: number): LinkMode | undefined {
  const { asked } = portSpeeds(device, port);
  const module = pluggedModule(device, port);
  const looped = loopbackOf(device, port) === LOCAL_LOOPBACK;
  const offered = looped ? asked : asked & partnerSpeeds(device, port);
  const best = bestMode(offered & (module?.speeds ?? 0));
  return best ?? (looped || module?.medium === 'copper' ? bestMode(offered) : undefined);
}

/** All, or those up to the operational speed that an operator or the profile has set. */
function partnerSpeeds(device: Mlx5Device, port: number): number {
  const image = device.registerTable.imageOf(device, PTYS, port);
  const set = extended.oper.get(image, 0) || extendedSpeeds(older.oper.get(image, 0));
  const fastest = bestMode(set);
  if (fastest === undefined) return -1;
  const slower = LINK_MODES.filter(({ gbps }) => gbps < fastest.gbps);
  return slower.reduce((mask, { bit }) => mask | (1 << bit), set);
}

/** What PPCNT counts by: the line's speed and code. Undefined: nothing is carried. */
export function lineOf({ mode, fec: active }: Link): number | undefined {
  return mode === undefined ? undefined : mode.bit * FECS + active;
}

/** What a line is. */
export function lineParts(line: number): { readonly mode: LinkMode; readonly fec: number } | undefined {
  const mode = LINK_MODES.find(({ bit }) => bit === Math.floor(line / FECS));
  return mode === undefined ? undefined : { mode, fec: line % FECS };
}

const FECS = 16;

/** A port's row of the register table hears of a change to come, and that it has come (RegisterRow). */
export const relinks = {
  changing(device: Mlx5Device, port: number | undefined): void {
    for (const each of portsOf(device, port)) device.traffic.settle(each);
  },
  changed(device: Mlx5Device, port: number | undefined): void {
    device.links.clear();
    for (const each of portsOf(device, port)) {
      const link = linkOf(device, each);
      device.traffic.setLink(each, lineOf(link), link.down);
    }
  },
};

/** The same of a register whose instances are modules. */
export const modulesRelink = {
  changing: (device: Mlx5Device, module: number | undefined) =>
    relinks.changing(device, module === undefined ? undefined : module + 1),
  changed: (device: Mlx5Device, module: number | undefined) =>
    relinks.changed(device, module === undefined ? undefined : module + 1),
};

function portsOf(device: Mlx5Device, port: number | undefined): readonly number[] {
  if (port !== undefined) return [port];
  return Array.from({ length: device.profile.identity.num_ports }, (_, i) => i + 1);
}
