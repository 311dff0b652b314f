/** A ConnectX-6 Dx before TOOLS_RESOURCES: fwctl opens it and reports uctx_caps 0. Its firmware version is invented. */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { UCTX_CAP } from '../../abi/mlx5/headers.ts';
import { connectx6dx } from './connectx6dx.ts';

const { caps, identity } = connectx6dx;

export const legacy: Mlx5DeviceProfile = {
  ...connectx6dx,
  name: 'legacy',
  title: 'ConnectX-6 Dx whose firmware lacks TOOLS_RESOURCES',
  identity: { ...identity, fw_version: '22.28.1002', fw_date: '2020-09-01' },
  caps: { ...caps, GENERAL: { ...caps.GENERAL, uctx_cap: UCTX_CAP.RAW_TX | UCTX_CAP.INTERNAL_DEV_RES } },
};
