/** A call as text for elsewhere: a C program, a test of the kit, a fault that would strike it. */
import type { CallDetail, Shape } from './data.ts';
import { callText } from './words.ts';

export interface CopiedCall {
  readonly name: string;
  readonly about: string;
  readonly text: string;
}

export function copies(shape: Shape, detail: CallDetail & { event?: string }): CopiedCall[] {
  const { part } = shape;
  const request = detail.messages.find(({ title }) => title === 'request');
  const rpc = part?.kind === 'rpc' && request !== undefined && request.hex !== '' ? part : undefined;
  const { fault } = detail;
  // A report has the event's parts alone.
  const json = detail.event ?? JSON.stringify({ ...shape, messages: detail.messages });
  return [
    ...(rpc ? [{ name: 'C', about: 'a call in C', text: cText(shape, request?.hex ?? '') }] : []),
    ...(json ? [{ name: 'JSON', about: 'the event as the trace has it', text: json }] : []),
    ...(rpc
      ? [{ name: 'Test kit', about: 'a call in fwctl-emu/testkit', text: kitText(shape, request?.hex ?? '') }]
      : []),
    ...(fault ? [{ name: 'Fault', about: 'a fault that strikes this call', text: fault }] : []),
  ];
}

function bytesOf(hex: string): string[] {
  return (hex.match(/../g) ?? []).map((byte) => `0x${byte}`);
}

function cText(shape: Shape, hex: string): string {
  const { scope = 0, outLen = 0 } = shape.part ?? {};
  const bytes = bytesOf(hex);
  const lines = [];
  for (let i = 0; i < bytes.length; i += 12) lines.push(`\t${bytes.slice(i, i + 12).join(', ')},`);
  return [
    `/* ${callText(shape).replaceAll('*/', '* /')} */`,
    `static unsigned char request[${bytes.length}] = {`,
    ...lines,
    '};',
    `static unsigned char reply[${outLen}];`,
    'struct fwctl_rpc rpc = {',
    '\t.size = sizeof(rpc),',
    `\t.scope = ${scope},`,
    '\t.in_len = sizeof(request),',
    `\t.out_len = sizeof(reply),`,
    '\t.in = (uintptr_t)request,',
    '\t.out = (uintptr_t)reply,',
    '};',
    'int result = ioctl(fd, FWCTL_RPC, &rpc);',
    '',
  ].join('\n');
}

function kitText(shape: Shape, hex: string): string {
  const { scope = 0, outLen = 0 } = shape.part ?? {};
  return [
    `// ${callText(shape).replaceAll('\n', ' ')}`,
    `const file = await emulator.open('${shape.device}');`,
    `const reply = await file.rpc(${scope}, Buffer.from('${hex}', 'hex'), ${outLen});`,
    '',
  ].join('\n');
}
