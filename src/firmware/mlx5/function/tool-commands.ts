/**
 * The command interface of tools without a driver (ICMD of mstflint's mtcr_ul_icmd_cif.c): a mailbox in an address
 * space of its own. Its commands here: an access to a register, and what may be asked. The register is the firmware's
 * own: what is written by one way is read by the other.
 */
import { messageBuffer } from '../../../abi/message-buffer.ts';
import {
  accessRegister,
  REGISTER_READ,
  REGISTER_WRITE,
  replyHeader,
  requestHeader,
} from '../../../abi/mlx5/headers.ts';
import { OPCODE } from '../../../abi/mlx5/opcodes.ts';
import { SYNDROME } from '../../../abi/mlx5/syndromes.ts';
import type { Mailbox } from '../mailbox.ts';

const AT = { control: 0x0, size: 0x1000, syndrome: 0x1008, mailbox: 0x10_0000 } as const;
/** Of the mailbox; invented, and more than any register needs. */
const BYTES = 0x400;

/** FLASH_REG_ACCESS and GET_ICMD_QUERY_CAP, and of the control dword: opcode in 31:16, status in 15:8, busy in 0. */
const REGISTER_ACCESS = 0x9001;
const QUERY_CAPABILITIES = 0x8400;
const BUSY = 1;
const STATUS = 0xff00;
/** icmd_hca_icmd_query_cap_general: nv_access, fw_info_psid, registers of all kinds; PCAM, MCAM and QCAM are there. */
const CAPABILITIES = 0xee00_0000;
/** translate_status() of the same file. */
const INVALID_OPCODE = 1;
const INVALID_COMMAND = 2;

/** What comes before a register: the operation (16 bytes) and the register's own head, lengths in dwords. */
const OPERATION = { status: 2, register: 4, method: 6, bytes: 16 } as const;
const REGISTER = { head: 16, data: 20, type: 3 } as const;
const METHOD = { query: 1, write: 2 } as const;
const RESPONSE = 0x80;
/** Of a register: there is none, the method is not for it, or what it was asked is wrong. */
const REFUSED = { unknown: 4, method: 6, parameter: 7 } as const;

export class ToolCommands {
  private readonly firmware: Mailbox;
  private readonly mailbox = messageBuffer(BYTES);
  private control = 0;

  constructor(firmware: Mailbox) {
    this.firmware = firmware;
  }

  /** Undefined: nothing is at that address. */
  read(address: number): number | undefined {
    if (address === AT.control) return this.control;
    if (address === AT.size) return BYTES;
    if (address === AT.syndrome) return 0;
    return inMailbox(address) ? this.mailbox.view.getUint32(address - AT.mailbox) : undefined;
  }

  /** False: nothing is at that address. A command runs when the busy bit is written, and is done then. */
  write(address: number, value: number): boolean {
    if (inMailbox(address)) this.mailbox.view.setUint32(address - AT.mailbox, value);
    else if (address !== AT.control) return false;
    else if ((value & BUSY) === 0) this.control = value;
    else this.control = (value & ~(BUSY | STATUS)) | (this.run(value >>> 16) << 8);
    return true;
  }

  private run(opcode: number): number {
    const { view, bytes } = this.mailbox;
    if (opcode === QUERY_CAPABILITIES) {
      view.setUint32(0, CAPABILITIES);
      view.setUint32(4, 0);
      return 0;
    }
    if (opcode !== REGISTER_ACCESS) return INVALID_OPCODE;
    const method = view.getUint8(OPERATION.method) & ~RESPONSE;
    const length = (view.getUint16(REGISTER.head) & 0x7ff) * 4 - (REGISTER.data - REGISTER.head);
    if (view.getUint8(REGISTER.head) >> 3 !== REGISTER.type || length < 0 || REGISTER.data + length > BYTES)
      return INVALID_COMMAND;
    const status = this.access(
      view.getUint16(OPERATION.register),
      method,
      bytes.subarray(REGISTER.data, REGISTER.data + length),
    );
    view.setUint8(OPERATION.status, status << 1);
    view.setUint8(OPERATION.method, method | RESPONSE);
    return 0;
  }

  /** `data` is the register, and becomes the answer. */
  private access(id: number, method: number, data: Uint8Array): number {
    if (method !== METHOD.query && method !== METHOD.write) return REFUSED.method;
    const request = messageBuffer(accessRegister.data + data.length);
    const reply = messageBuffer(accessRegister.data + data.length);
    request.view.setUint16(requestHeader.opcode, OPCODE.ACCESS_REG);
    request.view.setUint16(requestHeader.opMod, method === METHOD.write ? REGISTER_WRITE : REGISTER_READ);
    request.view.setUint16(accessRegister.registerId, id);
    request.bytes.set(data, accessRegister.data);
    this.firmware.exec(request, reply);
    if (reply.view.getUint8(replyHeader.status) === 0) {
      data.set(reply.bytes.subarray(accessRegister.data));
      return 0;
    }
    return refusal(reply.view.getUint32(replyHeader.syndrome));
  }
}

function refusal(syndrome: number): number {
  if (syndrome === SYNDROME.REGISTER_UNKNOWN.syndrome) return REFUSED.unknown;
  return syndrome === SYNDROME.REGISTER_READ_ONLY.syndrome ? REFUSED.method : REFUSED.parameter;
}

function inMailbox(address: number): boolean {
  return address >= AT.mailbox && address < AT.mailbox + BYTES;
}
