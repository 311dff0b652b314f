/**
 * Each card has a MAC address of its own, and with it a GUID and a serial number: a profile's is that of the card at the
 * first default address, and the others follow by their place on the bus. The functions of one slot are one card's.
 */
import type { Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { DEFAULT_DEVICE } from '../../../config/defaults.ts';
import { parsePciAddress } from '../../../config/pci-address.ts';

/** More than the ports' and VFs' addresses, which are counted up from the card's. */
const ADDRESSES_PER_CARD = 256;
/** The vendor's half of an address stays. */
const OWN_HALF = 0x100_0000;

export function withOwnAddress(profile: Mlx5DeviceProfile, pci: string): Mlx5DeviceProfile {
  const { identity } = profile;
  const offset = (slotOf(pci) - slotOf(DEFAULT_DEVICE.pci)) * ADDRESSES_PER_CARD;
  if (offset === 0) return profile;
  const own = (Number.parseInt(identity.base_mac.slice(6), 16) + offset) % OWN_HALF;
  const half = (own < 0 ? own + OWN_HALF : own).toString(16).padStart(6, '0');
  return { ...profile, identity: { ...identity, base_mac: identity.base_mac.slice(0, 6) + half } };
}

function slotOf(address: string): number {
  const { domain = 0, bus = 0, device = 0 } = parsePciAddress(address) ?? {};
  return (domain << 13) | (bus << 5) | device;
}
