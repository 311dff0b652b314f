/** The mlx5 payloads by name: commands and fields of abi/mlx5/describe.ts, and which of them tell most. */
import { capType } from '../../../abi/mlx5/cap-types.ts';
import {
  type DescribedField,
  describeReply,
  describeRequest,
  type DescribedRequest as Mlx5Request,
} from '../../../abi/mlx5/describe.ts';
import { fwctlInfoMlx5 } from '../../../abi/mlx5/fwctl-info.ts';
import { accessRegister, queryHcaCap, replyHeader, requestHeader, UCTX_CAP } from '../../../abi/mlx5/headers.ts';
import { registerLayout } from '../../../abi/mlx5/registers/layouts.ts';
import { isZero, type ShownField } from '../../../abi/shown-field.ts';
import type { DescribedReply, DescribedRequest, Detail } from '../../../fwctl/dialect.ts';
import { explain } from './explain.ts';

/** The fields that tell most of a capability or register. Those of others: what is not zero, in the layout's order. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
  GENERAL: ['log_max_qp', 'log_max_cq', 'log_max_mkey', 'log_max_eq', 'num_ports', 'port_type', 'uctx_cap'],
  MGIR: [
    'hw_info.device_id',
    'hw_info.hw_dev_id',
    'fw_info.extended_major',
    'fw_info.extended_minor',
    'fw_info.extended_sub_minor',
    'fw_info.psid',
  ],
  PAOS: ['local_port', 'admin_status', 'oper_status'],
  PTYS: ['local_port', 'proto_mask', 'eth_proto_oper', 'ext_eth_proto_oper', 'eth_proto_admin', 'ext_eth_proto_admin'],
};

export function request(bytes: Uint8Array, length: number): DescribedRequest {
  const described = describedRequest(bytes, length);
  const { opcode, opMod, opcodeName, register } = described;
  return {
    numbers: { opcode, op_mod: opMod },
    names: { opcode: opcodeName, ...(register && { register: register.name }) },
    command: commandText(described),
    fields: described.fields.map(fieldOf),
  };
}

export function reply(
  requestBytes: Uint8Array,
  requestLength: number,
  replyBytes: Uint8Array,
  replyLength: number,
  detail: Detail,
): DescribedReply {
  const asked = describedRequest(requestBytes, requestLength);
  const view = new DataView(replyBytes.buffer, replyBytes.byteOffset, replyLength);
  const keys = detail === 'keys' && view.getUint8(replyHeader.status) === 0 ? tellingIn(asked, view) : undefined;
  const length = keys === undefined ? replyLength : replyHeader.bytes;
  const described = describeReply(requestBytes, requestLength, replyBytes, length);
  if (described === undefined) throw new Error('reply too short');
  const { status, statusName, syndrome } = described;
  const fields = keys === undefined ? described.fields.map(fieldOf) : [];
  const refusal = status === 0 ? undefined : explain(requestBytes, requestLength, status, syndrome, replyLength);
  return { status, statusName, codes: { syndrome }, refusal, fields, keys: keys ?? tellingOf(asked, fields) };
}

/** struct fwctl_info_mlx5. */
export function info(bytes: Uint8Array): ShownField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: ShownField[] = [];
  if (bytes.length >= fwctlInfoMlx5.uctxCaps) fields.push(['uid', view.getUint32(fwctlInfoMlx5.uid, true)]);
  if (bytes.length >= fwctlInfoMlx5.bytes) {
    fields.push(['uctx_caps', uctxCaps(view.getUint32(fwctlInfoMlx5.uctxCaps, true))]);
  }
  return fields;
}

/** The uid of the context. */
export function context(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(requestHeader.uid);
}

function describedRequest(bytes: Uint8Array, length: number): Mlx5Request {
  const request = describeRequest(bytes, length);
  if (request === undefined) throw new Error('request too short');
  return request;
}

/** `QUERY_HCA_CAP(GENERAL, current)`, `ACCESS_REG(read MGIR 0x9020)`, `QUERY_CQ(cqn=5)`. */
function commandText(request: Mlx5Request): string {
  const { opcodeName, opModText, opMod, cap, register, argument } = request;
  if (cap !== undefined) return `${opcodeName}(${cap.name}, ${cap.mode})`;
  if (register !== undefined) {
    const named = register.name.startsWith('register ')
      ? register.name
      : `${register.name} 0x${register.id.toString(16)}`;
    const argued = argument === undefined || argument === 0 ? '' : ` argument=${argument}`;
    return `${opcodeName}(${opModText} ${named}${argued}${selectors(request)})`;
  }
  const inner = [...(opMod === 0 ? [] : [`op_mod=${opModText}`]), selectors(request).trim()].filter(
    (part) => part !== '',
  );
  return inner.length === 0 ? opcodeName : `${opcodeName}(${inner.join(' ')})`;
}

/** What else was asked: the request's fields that are not zero, at most four. */
function selectors({ fields }: Mlx5Request): string {
  const set = fields.filter(({ nonZero }) => nonZero);
  const text = set.slice(0, 4).map(({ name, value }) => ` ${name}=${value}`);
  return `${text.join('')}${set.length > 4 ? ' ...' : ''}`;
}

function tellingNames({ cap, register }: Mlx5Request): readonly string[] | undefined {
  const name = cap?.name ?? register?.name;
  return name === undefined || !Object.hasOwn(TELLING, name) ? undefined : TELLING[name];
}

function tellingOf(request: Mlx5Request, fields: readonly ShownField[]): readonly ShownField[] {
  const telling = tellingNames(request);
  if (telling === undefined) return fields.filter(([, value]) => !isZero(value));
  return telling.flatMap((wanted) => fields.filter(([field]) => field === wanted));
}

/** The telling fields straight from the reply, without the other hundreds; undefined: the structure names none. */
function tellingIn(request: Mlx5Request, reply: DataView): readonly ShownField[] | undefined {
  const telling = tellingNames(request);
  const { cap, register } = request;
  const layout = cap !== undefined ? capType(cap.type)?.layout : register && registerLayout(register.id);
  if (telling === undefined || layout === undefined) return undefined;
  const base = cap !== undefined ? queryHcaCap.data : accessRegister.data;
  return telling.flatMap((name): ShownField[] => {
    const field = layout.fields.get(name);
    if (field === undefined || base + field.end > reply.byteLength) return [];
    const value = field.read(reply, base);
    return [[name, value instanceof Uint8Array ? text(value) : value]];
  });
}

/** Bytes as latin1 up to the NUL tail; who writes it escapes it. */
function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes).replace(/\0+$/, '');
}

function uctxCaps(caps: number): string {
  const names = Object.entries(UCTX_CAP).flatMap(([name, bit]) => ((caps & bit) === 0 ? [] : [name]));
  return `0x${caps.toString(16)}${names.length === 0 ? '' : `(${names.join('|')})`}`;
}

function fieldOf({ name, value }: DescribedField): ShownField {
  return [name, value];
}
