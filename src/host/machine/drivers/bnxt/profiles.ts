/** The profiles of NetXtremes as the driver's row has them, and what of a profile stands in files. */
import { BNXT_SHAPE, type BnxtProfile, type BnxtValues } from '../../../../abi/bnxt/profile-shape.ts';
import { unhex } from '../../../../abi/hex.ts';
import { keyParts } from '../../../../abi/profile-values.ts';
import { BNXT57508 } from '../../../../devices/bnxt/bnxt57508.ts';
import { NvmDirectory, type NvmItem } from '../../../../firmware/bnxt/nvm-directory.ts';
import { readRegularBytes } from '../../../config/named-file.ts';
import { shapedProfiles } from '../../../profiles/shaped-profiles.ts';
import { captureBnxt } from './capture.ts';

export const LOOPBACK_PROFILE = 'bnxt-loopback';

const PROFILES: readonly BnxtProfile[] = [BNXT57508];
const ITEM = { what: 'NVM item', maxBytes: 4 * 1024 * 1024 } as const;

export const bnxtProfiles = shapedProfiles<BnxtValues>({
  driver: 'bnxt',
  shape: BNXT_SHAPE,
  builtIn: PROFILES,
  names: [{ name: LOOPBACK_PROFILE, title: "answers as the recorded drivers' mock: gives back what it gets" }],
  examine: (values) => void fitted(values),
  summary: ({ nvm, coredump, hwrm }) =>
    [
      `${Object.keys(nvm.entries).length} NVM items`,
      `${Object.keys(nvm.variables).length} NVM variables`,
      `${Object.keys(coredump).length} coredump segments`,
      `${Object.keys(hwrm).length} answers of its own`,
    ].join(', '),
  pciDevice: ({ pci }) => pci.device,
  capture: captureBnxt,
});

/** The NVM's items with their content. Throws an Error that says which file cannot be read. */
export function nvmItems({ nvm }: BnxtValues): NvmItem[] {
  const { entries } = BNXT_SHAPE.members.nvm.members;
  return Object.entries(nvm.entries).map(([key, { file, data, text, length, ext, attr }]) => {
    const { type, ordinal } = keyParts(entries, key);
    let content: Uint8Array;
    if (file !== '') content = readRegularBytes(file, ITEM);
    else if (text !== '') content = new TextEncoder().encode(text);
    else content = unhex(data) ?? new Uint8Array(0);
    if (content.length < length) {
      const padded = new Uint8Array(length).fill(0xff);
      padded.set(content);
      content = padded;
    }
    return { type: Number(type), ordinal: Number(ordinal), ext, attr, data: content, itemLength: 0 };
  });
}

/** Devices of one profile share the content of their items; a file is read for each, for it may be another by then. */
const known = new WeakMap<BnxtValues['nvm'], readonly NvmItem[]>();

/** The items, where they fit into the memory. Throws an Error. */
export function fitted(values: BnxtValues): readonly NvmItem[] {
  const { nvm } = values;
  const items = known.get(nvm) ?? checked(values);
  if (Object.values(nvm.entries).every(({ file }) => file === '')) known.set(nvm, items);
  return items;
}

function checked(values: BnxtValues): readonly NvmItem[] {
  const items = nvmItems(values);
  try {
    new NvmDirectory({ size: values.nvm.size, sectorSize: values.nvm.sector_size }, items);
  } catch (error) {
    throw new Error(
      `nvm.entries: ${(error as Error).message} of ${values.nvm.size} bytes; raise nvm.size or leave some out`,
    );
  }
  return items;
}
