/**
 * What brings a function up and down (mlx5_core main.c: mlx5_function_enable, mlx5_function_open and their undoing):
 * ENABLE_HCA, SET_ISSI, MANAGE_PAGES, INIT_HCA, SET_DRIVER_VERSION, TEARDOWN_HCA, DISABLE_HCA. In which state each is
 * taken is abi/mlx5/hca-commands.ts; statuses are unverified.
 */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { HCA_COMMANDS, HCA_STATE, PAGES_FOR, PAGES_OP, PAS_AT, TEARDOWN } from '../../../abi/mlx5/hca-commands.ts';
import { requestHeader } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { SUPPORTED_ISSI } from '../hca/hca.ts';
import { BOOT_PAGES, INIT_PAGES } from '../hca/pages.ts';
import { REFUSAL } from '../syndromes.ts';

type Exec = (request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device) => Refusal | undefined;

/** A list of 64-bit addresses behind a structure, without `flags`; undefined: the message has not so many. */
export function addressesOf(
  { view, length }: MessageBuffer,
  from: number,
  count: number,
  flags: bigint,
): number[] | undefined {
  if (from + count * 8 > length) return undefined;
  return Array.from({ length: count }, (_, i) => Number(view.getBigUint64(from + i * 8) & ~flags));
}

const enabled = HCA_COMMANDS.ENABLE_HCA.request.word('function_id');

/** Those of VFs are not served: a function of `fwctl-emu pci` has none. */
export const execEnableHca: Exec = ({ view }, _reply, { hca }) => {
  if (enabled.get(view, 0) !== 0) return REFUSAL.OTHER_FUNCTION;
  hca.state = HCA_STATE.enabled;
  return undefined;
};

export const execDisableHca: Exec = ({ view }, _reply, device) => {
  if (enabled.get(view, 0) !== 0) return REFUSAL.OTHER_FUNCTION;
  device.resetFunction();
  return undefined;
};

const issi = HCA_COMMANDS.SET_ISSI.request.word('current_issi');

export const execSetIssi: Exec = ({ view }, _reply, { hca }) => {
  const step = issi.get(view, 0);
  if (step > 31 || ((SUPPORTED_ISSI >>> step) & 1) === 0) return REFUSAL.ISSI;
  hca.issi = step;
  return undefined;
};

const pagesOf = HCA_COMMANDS.MANAGE_PAGES.request.word('function_id');
const pagesIn = HCA_COMMANDS.MANAGE_PAGES.request.word('input_num_entries');
const pagesOut = HCA_COMMANDS.MANAGE_PAGES.reply.word('output_num_entries');

/** Taken back are at most those that the reply has room for; while the function is up it keeps what it needs. */
export const execManagePages: Exec = (request, reply, { hca }) => {
  if (pagesOf.get(request.view, 0) !== 0) return REFUSAL.OTHER_FUNCTION;
  const count = pagesIn.get(request.view, 0);
  switch (request.view.getUint16(requestHeader.opMod)) {
    case PAGES_OP.cannotGive:
      hca.pages.cannotGive();
      return undefined;
    case PAGES_OP.give: {
      const given = addressesOf(request, PAS_AT.managePages, count, 0n);
      if (given === undefined) return REFUSAL.REQUEST_TOO_SHORT;
      return hca.pages.give(given) ? undefined : REFUSAL.PAGES;
    }
    default: {
      const room = Math.floor((reply.length - PAS_AT.managePages) / 8);
      const kept = hca.state === HCA_STATE.init ? hca.pages.needed(hca.objects) : 0;
      const taken = hca.pages.take(Math.min(count, room), kept);
      pagesOut.put(reply.view, 0, taken.length);
      taken.forEach((at, i) => {
        reply.view.setBigUint64(PAS_AT.managePages + i * 8, BigInt(at));
      });
      return undefined;
    }
  }
};

/** What QUERY_PAGES answers of the own function; below 0: pages to be taken back. */
export function pagesWanted({ hca }: Mlx5Device, opMod: number): number {
  if (hca.bus === undefined) return 0;
  if (opMod === PAGES_FOR.boot) return hca.pages.wanted(BOOT_PAGES);
  if (opMod === PAGES_FOR.init) return hca.pages.wanted(BOOT_PAGES + INIT_PAGES);
  return hca.pages.outstanding;
}

export const execInitHca: Exec = (_request, _reply, { hca }) => {
  if (hca.pages.wanted(BOOT_PAGES + INIT_PAGES) > 0) return REFUSAL.PAGES_MISSING;
  hca.state = HCA_STATE.init;
  return undefined;
};

const driverVersion = HCA_COMMANDS.SET_DRIVER_VERSION.request.field('driver_version');

/** What QUERY_DRIVER_VERSION then says. */
export const execSetDriverVersion: Exec = ({ view }, _reply, { hca }) => {
  const bytes = driverVersion.read(view, 0) as Uint8Array;
  hca.driverVersion = String.fromCharCode(...bytes).replace(/\0.*$/s, '');
  return undefined;
};

const profile = HCA_COMMANDS.TEARDOWN_HCA.request.word('profile');

/** Of each, the capability that a function must have; graceful needs none. */
const TEARDOWNS: readonly (string | undefined)[] = [undefined, 'force_teardown', 'fast_teardown'];

/** After prepareFast the driver goes on by the NIC state of the initialisation segment. */
export const execTeardownHca: Exec = ({ view }, _reply, device) => {
  const asked = profile.get(view, 0);
  const needs = TEARDOWNS[asked];
  const able = asked < TEARDOWNS.length && (needs === undefined || device.caps.general(needs) === 1);
  if (!able) return REFUSAL.TEARDOWN_PROFILE;
  if (asked !== TEARDOWN.prepareFast) device.tearDown();
  return undefined;
};
