/** What `fwctl-emu/testkit` offers: the one file that others import (package.json, exports). */
export { SCOPE } from './abi/fwctl.ts';
export * as iommufd from './abi/iommufd.ts';
export { OPCODE } from './abi/mlx5/opcodes.ts';
export { type CallFilter, CallLog, type TestCall } from './testkit/calls.ts';
export { type DecodedReply, type DecodedRequest, decode, decodeRequest, type Fields } from './testkit/decode.ts';
export {
  Emulator,
  type EmulatorOptions,
  startEmulator,
  type TestDevice,
  type TestFault,
  TestFile,
  type TestMemory,
} from './testkit/emulator.ts';
export { accessRegister, queryHcaCap, type RegisterAccess } from './testkit/requests.ts';
export { type CommandResult, type RunCommandOptions, runCommand } from './testkit/run-command.ts';
