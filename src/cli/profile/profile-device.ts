/** A device that others serve (the kernel, another fwctl-emu), as `profile capture` asks it: FWCTL_RPC on its node. */
import { closeSync, constants, openSync } from 'node:fs';
import { errnoName } from '../../abi/errno.ts';
import { FWCTL_INFO, FWCTL_RPC, fwctlInfo, fwctlRpc, SCOPE } from '../../abi/fwctl.ts';
import { CliError } from '../../host/config/cli-error.ts';
import { DEFAULT_DEV_DIR } from '../../host/config/defaults.ts';
import { type DriverRow, fwctlRows } from '../../host/machine/driver-row.ts';
import type { Ask, ProfileTools } from '../../host/profiles/profile-kind.ts';
import { loadNative, type Native } from '../../transport/native.ts';

export interface OpenedDevice {
  readonly ask: Ask;
  /** Of its driver. */
  readonly tools: ProfileTools;
  close(): void;
}

/** `fwctl0` and `0` stand below /dev/fwctl; what has a slash is a path. */
export function nodePath(device: string): string {
  if (device.includes('/')) return device;
  return `${DEFAULT_DEV_DIR}/${/^\d+$/.test(device) ? `fwctl${device}` : device}`;
}

/** Throws CliError when it cannot be opened or is of no driver whose devices have profiles. */
export async function openDevice(device: string, drivers: readonly DriverRow[]): Promise<OpenedDevice> {
  const path = nodePath(device);
  const native = loadNative();
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such node' : code;
    throw new CliError(`${path}: the device cannot be opened (${why}); check name and permissions`);
  }
  let tools: ProfileTools;
  try {
    tools = await toolsOf(await deviceType(native, fd, path), path, drivers);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  // Which scope the kernel behind wants is found out at the first refusal and kept.
  let scope: number = SCOPE.FWCTL_RPC_DEBUG_READ_ONLY;
  return {
    tools,
    close: () => closeSync(fd),
    async ask(request, replyBytes) {
      let answer = await rpc(native, fd, scope, request, replyBytes);
      if (answer === -EBADMSG) {
        const other = scope === 0 ? SCOPE.FWCTL_RPC_DEBUG_READ_ONLY : SCOPE.FWCTL_RPC_CONFIGURATION;
        const again = await rpc(native, fd, other, request, replyBytes);
        if (again !== -EBADMSG) scope = other;
        answer = again;
      }
      if (typeof answer !== 'number') return answer;
      // The kernel does not let this command through in any scope: for the caller as good as a firmware that lacks it.
      if (answer === -EBADMSG) return tools.lacking(replyBytes);
      throw new CliError(`${path}: the device does not answer (${errnoName(-answer)})`);
    },
  };
}

const EBADMSG = 74;

async function toolsOf(type: number, path: string, drivers: readonly DriverRow[]): Promise<ProfileTools> {
  const rows = fwctlRows(drivers).filter(({ profiles }) => profiles.tools !== undefined);
  const tools = await rows.find(({ deviceType }) => deviceType === type)?.profiles.tools?.();
  if (tools !== undefined) return tools;
  // a driver without a type of its own (nova-core) is not known by it
  const typed = rows.filter(({ deviceType }) => deviceType !== undefined);
  const known = typed.map(({ name, deviceType }) => `${name} (type ${deviceType})`).join(', ');
  throw new CliError(
    `${path}: a device of type ${type}; drivers are known by their types, and asked are those of ${known}`,
  );
}

async function deviceType(native: Native, fd: number, path: string): Promise<number> {
  const argument = new DataView(new ArrayBuffer(fwctlInfo.bytes));
  argument.setUint32(fwctlInfo.size, fwctlInfo.bytes, true);
  const result = await native.fwctlIoctl(fd, FWCTL_INFO, argument.buffer as ArrayBuffer, undefined, undefined);
  if (result < 0) throw new CliError(`${path}: no fwctl device (FWCTL_INFO: ${errnoName(-result)})`);
  return argument.getUint32(fwctlInfo.outDeviceType, true);
}

/** The reply, cut at what the firmware wrote; -errno. */
async function rpc(
  native: Native,
  fd: number,
  scope: number,
  request: Uint8Array,
  replyBytes: number,
): Promise<Uint8Array | number> {
  const argument = new DataView(new ArrayBuffer(fwctlRpc.bytes));
  argument.setUint32(fwctlRpc.size, fwctlRpc.bytes, true);
  argument.setUint32(fwctlRpc.scope, scope, true);
  argument.setUint32(fwctlRpc.inLen, request.length, true);
  argument.setUint32(fwctlRpc.outLen, replyBytes, true);
  const reply = new ArrayBuffer(replyBytes);
  const sent = request.slice().buffer;
  const result = await native.fwctlIoctl(fd, FWCTL_RPC, argument.buffer as ArrayBuffer, sent, reply);
  return result < 0 ? result : new Uint8Array(reply);
}
