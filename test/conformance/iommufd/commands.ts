/**
 * The commands of the iommufd case files: number (_IO(';', nr)),
 * size and members of their structures, as iox.c has them.
 */

export interface CaseMember {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface CaseCommand {
  readonly name: string;
  readonly nr: number;
  readonly size: number;
  readonly members: readonly CaseMember[];
}

/** NAME NR SIZE member:offset:bytes ... */
const ROWS = [
  'DESTROY 0x80 8 id:4:4',
  'IOAS_ALLOC 0x81 12 flags:4:4 out_ioas_id:8:4',
  'ALLOW_IOVAS 0x82 24 ioas:4:4 num:8:4 resv:12:4 arrp:16:8',
  'COPY 0x83 40 flags:4:4 dst:8:4 src:12:4 len:16:8 dst_iova:24:8 src_iova:32:8',
  'IOVA_RANGES 0x84 32 ioas:4:4 num:8:4 resv:12:4 arrp:16:8 align:24:8',
  'MAP 0x85 40 flags:4:4 ioas:8:4 resv:12:4 va:16:8 len:24:8 iova:32:8',
  'UNMAP 0x86 24 ioas:4:4 iova:8:8 len:16:8',
  'OPTION 0x87 24 option:4:4 op:8:2 resv:10:2 object:12:4 val:16:8',
  'VFIO_IOAS 0x88 12 ioas:4:4 op:8:2 resv:10:2',
  'HWPT_ALLOC 0x89 48 flags:4:4 dev:8:4 pt:12:4 out_hwpt:16:4 resv:20:4 data_type:24:4 data_len:28:4 uptr:32:8 fault:40:4 resv2:44:4',
  'HW_INFO 0x8a 40 flags:4:4 dev:8:4 data_len:12:4 uptr:16:8 out_type:24:4 pasid:28:1 r0:29:1 r1:30:1 r2:31:1 out_caps:32:8',
  'SET_DIRTY 0x8b 16 flags:4:4 hwpt:8:4 resv:12:4',
  'GET_DIRTY 0x8c 48 hwpt:4:4 flags:8:4 resv:12:4 iova:16:8 len:24:8 pgsz:32:8 uptr:40:8',
  'INVALIDATE 0x8d 32 hwpt:4:4 uptr:8:8 data_type:16:4 entry_len:20:4 entry_num:24:4 resv:28:4',
  'FAULT_ALLOC 0x8e 16 flags:4:4 out_fault_id:8:4 out_fault_fd:12:4',
  'M_ALLOC 0xa0 32 flags:4:4 type:8:4 parent:12:4 ptype:16:4 out_id:20:4 fail:24:4 ms:28:4',
  'M_HOLD 0xa1 20 flags:4:4 id:8:4 type:12:4 ms:16:4',
  'M_DROP 0xa2 8 id:4:4',
  'M_PROBE 0xa3 16 id:4:4 type:8:4 out_users:12:4',
  'M_ECHO 0xa4 24 a:4:4 b:8:4 c:12:4 d:16:8',
  'VFIO_INFO 0x70 24 flags:4:4 pgsizes:8:8 cap_offset:16:4 pad:20:4',
  'VFIO_MAP 0x71 32 flags:4:4 va:8:8 iova:16:8 len:24:8',
  'VFIO_UNMAP 0x72 24 flags:4:4 iova:8:8 len:16:8',
  'RAW 0xff 8 id:4:4',
];

export const COMMANDS: ReadonlyMap<string, CaseCommand> = new Map(ROWS.map(parse).map((row) => [row.name, row]));

function parse(row: string): CaseCommand {
  const [name = '', nr, size, ...members] = row.split(' ');
  return {
    name,
    nr: Number(nr),
    size: Number(size),
    members: members.map((member) => {
      const [field = '', offset, bytes] = member.split(':');
      return { name: field, offset: Number(offset), bytes: Number(bytes) };
    }),
  };
}
