/** A chip's column of the non-volatile configuration, as a profile has it. */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';
import { NV_COLUMNS } from './columns.ts';

/** Places in the table's triples. */
export const NV_CHIP = { CONNECTX6DX: 0, CONNECTX7: 1, BLUEFIELD3: 2 } as const;

export function nvOf(chip: (typeof NV_CHIP)[keyof typeof NV_CHIP]): Readonly<Record<string, FieldValues>> {
  const nv: Record<string, FieldValues> = {};
  for (const [tlv, versions, fields] of NV_COLUMNS) {
    const version = typeof versions === 'object' ? versions[chip] : versions;
    if (version === undefined) continue;
    const values: Record<string, number> = {};
    for (const [field, cells] of Object.entries(fields))
      values[field] = typeof cells === 'object' ? cells[chip] : cells;
    nv[tlv] = version === 0 ? values : { ...values, version };
  }
  return nv;
}
