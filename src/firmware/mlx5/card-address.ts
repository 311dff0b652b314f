/**
 * Each card has a MAC address of its own, and with it GUIDs and a serial number: a profile's is that of card 0, the
 * others' are counted up from it.
 */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';

/** More than the ports' and VFs' addresses, which are counted up from the card's. */
const ADDRESSES_PER_CARD = 256;
/** The vendor's half of an address stays. */
const OWN_HALF = 0x100_0000;

/** The profile of the card with that number, which may be negative. */
export function cardProfile(profile: Mlx5DeviceProfile, card: number): Mlx5DeviceProfile {
  if (card === 0) return profile;
  const { identity } = profile;
  const own = (Number.parseInt(identity.base_mac.slice(6), 16) + card * ADDRESSES_PER_CARD) % OWN_HALF;
  const half = (own < 0 ? own + OWN_HALF : own).toString(16).padStart(6, '0');
  return { ...profile, identity: { ...identity, base_mac: identity.base_mac.slice(0, 6) + half } };
}
