/** What a register's selecting fields choose among. */
import type { Mlx5Device } from '../device.ts';

/**
 * By local_port, which every port register has in its second byte, with two more bits (lp_msb) in the third.
 * Ports run from 1 to identity.num_ports. Unverified: that port 0 is refused (mlx5ctl's default; mlx5_core sends 1).
 */
export function byPort(input: DataView, device: Mlx5Device): number | undefined {
  const port = input.getUint8(1) | (((input.getUint8(2) >>> 4) & 3) << 8);
  return port >= 1 && port <= device.profile.identity.num_ports ? port : undefined;
}
