/** The recorded devices, by driver: a new set for each run. */
import { bnxtMock } from './bnxt.ts';
import { cxlMock } from './cxl.ts';
import type { DriverMock } from './mock.ts';
import { pdsMock } from './pds.ts';

export const MOCKS: Readonly<Record<string, () => DriverMock>> = { pds: pdsMock, bnxt: bnxtMock, cxl: cxlMock };
