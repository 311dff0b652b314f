/** The mlx5 payloads by name, for the trace: commands and fields of abi/mlx5/describe.ts, scopes of the driver's own tables. */
import { fwctlInfoMlx5 } from '../../../abi/fwctl.ts';
import { capType } from '../../../abi/mlx5/cap-types.ts';
import { type DescribedField, type DescribedRequest, describeReply, describeRequest } from '../../../abi/mlx5/describe.ts';
import { accessRegister, queryHcaCap, replyHeader, requestHeader, UCTX_CAP } from '../../../abi/mlx5/headers.ts';
import { registerLayout } from '../../../abi/mlx5/registers/layouts.ts';
import { scopesAllowing } from '../scopes.ts';
import type { TracedReply, TracedRequest, TraceField } from '../../../host/interceptors/trace/trace-event.ts';
import { isZero, type PayloadDecoder } from '../../../host/interceptors/trace/trace-payload.ts';

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

export const mlx5Decoder: PayloadDecoder = {
  requestHeader: requestHeader.bytes,
  replyHeader: replyHeader.bytes,

  request(bytes, length): TracedRequest {
    const request = describedRequest(bytes, length);
    return {
      opcode: request.opcode,
      opMod: request.opMod,
      command: commandText(request),
      fields: request.fields.map(fieldOf),
    };
  },

  reply(requestBytes, requestLength, replyBytes, replyLength, detail): TracedReply {
    const request = describedRequest(requestBytes, requestLength);
    const view = new DataView(replyBytes.buffer, replyBytes.byteOffset, replyLength);
    const keys = detail === 'keys' && view.getUint8(replyHeader.status) === 0 ? tellingIn(request, view) : undefined;
    const length = keys === undefined ? replyLength : replyHeader.bytes;
    const reply = describeReply(requestBytes, requestLength, replyBytes, length);
    if (reply === undefined) throw new Error('reply too short');
    const { status, statusName, syndrome } = reply;
    const fields = keys === undefined ? reply.fields.map(fieldOf) : [];
    return { status, statusName, syndrome, fields, keys: keys ?? tellingOf(request, fields) };
  },

  info(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const fields: TraceField[] = [];
    if (bytes.length >= fwctlInfoMlx5.uctxCaps) fields.push(['uid', view.getUint32(fwctlInfoMlx5.uid, true)]);
    if (bytes.length >= fwctlInfoMlx5.bytes) {
      fields.push(['uctx_caps', uctxCaps(view.getUint32(fwctlInfoMlx5.uctxCaps, true))]);
    }
    return fields;
  },

  uid(request) {
    return new DataView(request.buffer, request.byteOffset, request.byteLength).getUint16(requestHeader.uid);
  },

  scopesAllowing,
};

function describedRequest(bytes: Uint8Array, length: number): DescribedRequest {
  const request = describeRequest(bytes, length);
  if (request === undefined) throw new Error('request too short');
  return request;
}

/** `QUERY_HCA_CAP(GENERAL, current)`, `ACCESS_REG(read MGIR 0x9020)`, `QUERY_CQ(cqn=5)`. */
function commandText(request: DescribedRequest): string {
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
function selectors({ fields }: DescribedRequest): string {
  const set = fields.filter(({ nonZero }) => nonZero);
  const text = set.slice(0, 4).map(({ name, value }) => ` ${name}=${value}`);
  return `${text.join('')}${set.length > 4 ? ' ...' : ''}`;
}

function tellingNames({ cap, register }: DescribedRequest): readonly string[] | undefined {
  const name = cap?.name ?? register?.name;
  return name === undefined || !Object.hasOwn(TELLING, name) ? undefined : TELLING[name];
}

function tellingOf(request: DescribedRequest, fields: readonly TraceField[]): readonly TraceField[] {
  const telling = tellingNames(request);
  if (telling === undefined) return fields.filter(([, value]) => !isZero(value));
  return telling.flatMap((wanted) => fields.filter(([field]) => field === wanted));
}

/** The telling fields straight from the reply, without the other hundreds; undefined where the structure has none by name. */
function tellingIn(request: DescribedRequest, reply: DataView): readonly TraceField[] | undefined {
  const telling = tellingNames(request);
  const { cap, register } = request;
  const layout = cap !== undefined ? capType(cap.type)?.layout : register && registerLayout(register.id);
  if (telling === undefined || layout === undefined) return undefined;
  const base = cap !== undefined ? queryHcaCap.data : accessRegister.data;
  return telling.flatMap((name): TraceField[] => {
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

function fieldOf({ name, value }: DescribedField): TraceField {
  return [name, value];
}
