/** All fuzzers, by name. */
import { bnxtCalls, bnxtFirmwareCalls } from './bnxt.ts';
import { cxlCalls, cxlFirmwareCalls } from './cxl.ts';
import { hop2Session } from './hop2-session.ts';
import { hop5Dispatch } from './hop5-dispatch.ts';
import { hop9Firmware } from './hop9-firmware.ts';
import { pdsCalls } from './pds.ts';
import type { FuzzTarget } from './target.ts';
import { vfioUser } from './vfio-user.ts';

export const FUZZ_TARGETS: Readonly<Record<string, () => FuzzTarget>> = {
  hop2: hop2Session,
  hop5: hop5Dispatch,
  hop9: hop9Firmware,
  pds: pdsCalls,
  bnxt: bnxtCalls,
  'bnxt-firmware': bnxtFirmwareCalls,
  cxl: cxlCalls,
  'cxl-firmware': cxlFirmwareCalls,
  'vfio-user': vfioUser,
};
