/** The keys by which a fault speaks of mlx5 commands: PRM names. */
import { CAP_TYPES } from '../../../abi/mlx5/cap-types.ts';
import { OPCODES } from '../../../abi/mlx5/opcodes.ts';
import { REGISTERS } from '../../../abi/mlx5/registers.ts';
import { STATUSES } from '../../../abi/mlx5/status.ts';
import { named, wholeNumber } from '../../../abi/number-text.ts';
import type { FaultKeyRow } from '../../../fwctl/dialect.ts';

export const SELECTORS: Readonly<Record<string, FaultKeyRow>> = {
  opcode: {
    about: 'the command, by its PRM name or number',
    example: 'opcode=QUERY_HCA_CAP',
    for: ['rpc'],
    read: (text) => named('opcode', text, OPCODES, ({ opcode }) => opcode, 0xffff),
  },
  op_mod: {
    about: 'its op_mod, a number',
    example: 'op_mod=1',
    for: ['rpc'],
    read: (text) => wholeNumber('op_mod', text, 0, 0xffff),
  },
  register: {
    about: 'the register of an ACCESS_REG, by name or number',
    example: 'register=MGIR',
    for: ['rpc'],
    read: (text) => named('register', text, REGISTERS, ({ id }) => id, 0xffff),
  },
  cap: {
    about: 'the capability type of a QUERY_HCA_CAP, by name or number',
    example: 'cap=GENERAL',
    for: ['rpc'],
    // op_mod has 15 bits for it, beside the one that says current or maximum.
    read: (text) => named('capability type', text, CAP_TYPES, ({ type }) => type, 0x7fff),
  },
};

export const REFUSALS: Readonly<Record<string, FaultKeyRow>> = {
  status: {
    about: 'the firmware refuses with that status; at open, it refuses CREATE_UCTX (the kernel makes an errno of it)',
    example: 'status=LIM_ERR',
    for: ['open', 'rpc'],
    read: (text) => named('status', text, STATUSES, ({ status }) => status, 0xff),
  },
  syndrome: {
    about: 'its syndrome, 32 bits; the status is BAD_PARAM unless told',
    example: 'syndrome=0x1a2b3c',
    for: ['open', 'rpc'],
    read: (text) => wholeNumber('syndrome', text, 0, 0xffffffff),
  },
};
