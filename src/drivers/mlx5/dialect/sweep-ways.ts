/** How a sweep lets mlx5 commands go wrong beyond what every driver's do. */
import { accessRegister } from '../../../abi/mlx5/headers.ts';
import { registerByName } from '../../../abi/mlx5/registers.ts';
import type { Messages, SweepWay } from '../../../fwctl/dialect.ts';
import { registerOf } from './fields.ts';

const RESOURCE_DUMP = registerByName('RESOURCE_DUMP')?.id;
/** mlx5_ifc_resource_dump_bits.inline_data behind ACCESS_REG's header. */
const INLINE_DATA = accessRegister.data + 48;

const always =
  (effect: string): SweepWay['effects'] =>
  () => [effect];

export const SWEEP: Messages['sweep'] = {
  refusals: [
    {
      kind: 'status',
      about: 'refused by the firmware: BAD_PARAM',
      effects: always('status=BAD_PARAM:syndrome=0x5eeb5'),
    },
    { kind: 'busy', about: 'refused by the firmware: RES_BUSY', effects: always('status=RES_BUSY') },
  ],
  opens: [{ kind: 'status', about: 'open fails: CREATE_UCTX refused', effects: always('status=NO_RES') }],
  replies: [
    {
      kind: 'segment-zero',
      about: 'a resource dump whose segments have length 0',
      effects({ request, outLength }) {
        if (registerOf(request) !== RESOURCE_DUMP) return [];
        const room = outLength - INLINE_DATA;
        return room > 0 ? [`ok:truncate=${INLINE_DATA}:set.more_dump=0:set.size=${room}`] : [];
      },
    },
  ],
};
