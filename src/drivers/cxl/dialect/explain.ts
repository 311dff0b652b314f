/** Why the device refused a feature command: its return code, and the fields of the request that the code is about. */
import { CXL_COMMANDS, CXL_OPCODE, getFeature, rpcHeader, setFeature } from '../../../abi/cxl/features.ts';
import { RETURN_CODES, type ReturnCodeName } from '../../../abi/cxl/return-codes.ts';
import type { ExplainedRefusal, RefusalCode } from '../../../fwctl/dialect.ts';
import { otherOrder } from '../../../fwctl/other-order.ts';
import { featureOf, opcodeName, opcodeOf, requestFields } from './fields.ts';

/** Fields that a code is about, by their paths; the feature's name stands before them. */
const ABOUT: Readonly<Partial<Record<ReturnCodeName, readonly string[]>>> = {
  INPUT: ['selection', 'flags', 'offset', 'count'],
  PAYLOADLEN: ['op_size', 'offset'],
  FEATUREVERSION: ['version'],
  FEATURESELVALUE: ['selection'],
  FEATURETRANSFERIP: ['flags'],
  FEATURETRANSFEROOO: ['flags', 'offset'],
};

export function explain(asked: DataView, code: number): ExplainedRefusal | undefined {
  const row = RETURN_CODES[code];
  if (row === undefined) return undefined;
  const { name, text: rule, remedy } = row;
  const part = partOf(asked, ABOUT[name] ?? []);
  return { name, rule, part, ...(remedy !== undefined && { fix: remedy }) };
}

function partOf(asked: DataView, paths: readonly string[]): string {
  const opcode = opcodeOf(asked);
  const feature = featureOf(asked);
  const size = asked.byteLength < rpcHeader.bytes ? 0 : asked.getUint32(rpcHeader.opSize, true);
  const least = { [CXL_OPCODE.GET_FEATURE]: getFeature.bytes, [CXL_OPCODE.SET_FEATURE]: setFeature.bytes + 1 }[opcode];
  const words = paths.flatMap((path) => {
    if (path === 'op_size') return [`op_size=${size}${least === undefined ? '' : `, needs at least ${least}`}`];
    const field = requestFields(asked).find((one) => one.path === path);
    return field === undefined ? [] : [`${path}=${field.read(asked)}`];
  });
  return [opcodeName(opcode), feature?.name ?? feature?.uuid, ...words].filter((word) => word !== undefined).join(' ');
}

/** For an opcode that is no command of features, in the other order of bytes. */
export function meantOpcode(opcode: number): string | undefined {
  return otherOrder('opcode', opcode, 4, 'little-endian', (number) => names.get(number));
}

const names: ReadonlyMap<number, string> = new Map(CXL_COMMANDS.map(({ opcode, name }) => [opcode, name]));

export const REFUSAL_CODES: readonly RefusalCode[] = RETURN_CODES.slice(1).map(({ code, name, text, remedy }) => ({
  field: 'retval',
  number: code,
  name,
  text,
  ...(remedy !== undefined && { remedy }),
}));
