/** The small queries about the device as a whole. Layouts: abi/mlx5/commands.ts (mlx5_ifc.h). */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { QUERY_ADAPTER, QUERY_ISSI, QUERY_PAGES, QUERY_SPECIAL_CONTEXTS } from '../../../abi/mlx5/commands.ts';
import { requestHeader } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { SUPPORTED_ISSI } from '../hca/hca.ts';
import { REFUSAL } from '../syndromes.ts';
import { pagesWanted } from './bring-up.ts';

/** Mellanox: PCI vendor id and IEEE OUI. */
const VSD_VENDOR = 0x15b3;
const IEEE_VENDOR = 0x0002c9;

export function execNop(): undefined {
  return undefined;
}

/** The board's vendor data: vsd, and the PSID behind it. */
export function execQueryAdapter(
  _request: MessageBuffer,
  reply: MessageBuffer,
  device: Mlx5Device,
): Refusal | undefined {
  const { vsd, psid } = device.profile.identity;
  QUERY_ADAPTER.reply.assign(reply.view, {
    ieee_vendor_id: IEEE_VENDOR,
    vsd_vendor_id: VSD_VENDOR,
    vsd,
    vsd_contd_psid: psid,
  });
  return undefined;
}

const currentIssi = QUERY_ISSI.reply.word('current_issi');
const supportedIssi = QUERY_ISSI.reply.word('supported_issi_dw0');

export function execQueryIssi(_request: MessageBuffer, reply: MessageBuffer, { hca }: Mlx5Device): Refusal | undefined {
  currentIssi.put(reply.view, 0, hca.issi);
  supportedIssi.put(reply.view, 0, SUPPORTED_ISSI);
  return undefined;
}

const functionId = QUERY_PAGES.request.word('function_id');
const echoedFunction = QUERY_PAGES.reply.word('function_id');
const numPages = QUERY_PAGES.reply.word('num_pages');

/**
 * Pages the firmware still wants (op_mod: 1 boot, 2 init, 3 regular): none where a driver that is up has given them.
 * mlx5ctl sends op_mod 0, which no public header names; taken for regular (unverified).
 */
export function execQueryPages(request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): Refusal | undefined {
  const id = functionId.get(request.view, 0);
  if (id > device.profile.world.vfs) return REFUSAL.OTHER_FUNCTION;
  echoedFunction.put(reply.view, 0, id);
  if (id === 0) numPages.put(reply.view, 0, pagesWanted(device, request.view.getUint16(requestHeader.opMod)));
  return undefined;
}

export function execQuerySpecialContexts(_request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device): undefined {
  QUERY_SPECIAL_CONTEXTS.reply.assign(reply.view, device.profile.special_contexts);
  return undefined;
}
