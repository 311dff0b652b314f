/**
 * Texts and bytes of a tree: who may open them, and what read(2) and write(2) give. Each puts the answer's body into
 * the reply buffer and returns its bytes. Follows kernfs_fop_open() of fs/kernfs/file.c.
 */
import { constants } from 'node:fs';
import { FOPEN_DIRECT_IO, openIn, openOut, readIn, writeIn, writeOut } from '../../abi/fuse.ts';
import { CAP_SYS_ADMIN, type Caller } from '../../kernel/caller.ts';
import { Errno } from '../../kernel/errno.ts';
import { NO_DEVICE } from './file-requests.ts';
import { type FuseBuffers, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import type { BytesNode, TextNode } from './tree.ts';

const ANY_READ = 0o444;
const ANY_WRITE = 0o222;

const NOT_FOR_READING = new Errno('EACCES', 'the attribute cannot be read', 'no mode bit allows it to anybody');
const NOT_FOR_WRITING = new Errno('EACCES', 'the attribute cannot be written', 'no mode bit allows it to anybody');
const NO_STORE = new Errno('EIO', 'writing this attribute is not emulated');

const encoder = new TextEncoder();

/** Of a handle: who opened the file had CAP_SYS_ADMIN. */
const PRIVILEGED = 1;

/**
 * OPEN. Throws EACCES where the mode bits give nobody that access: root passes the kernel's check, but not this.
 * `opener`: of bytes, which may show him more than others.
 */
export function openText(mode: number, buffers: FuseBuffers, opener?: Caller): number {
  const access = buffers.request.getUint32(REQUEST_BODY + openIn.flags, true) & 3;
  if (access !== constants.O_RDONLY && (mode & ANY_WRITE) === 0) throw NOT_FOR_WRITING;
  if (access !== constants.O_WRONLY && (mode & ANY_READ) === 0) throw NOT_FOR_READING;
  buffers.clearBody(openOut.bytes);
  buffers.reply.setUint32(REPLY_BODY + openOut.fh, NO_DEVICE | (opener?.capable(CAP_SYS_ADMIN) ? PRIVILEGED : 0), true);
  buffers.reply.setUint32(REPLY_BODY + openOut.openFlags, FOPEN_DIRECT_IO, true);
  return openOut.bytes;
}

/** READ at an offset. Throws the Errno of the file. */
export function readText(node: TextNode, buffers: FuseBuffers): number {
  const { request, replyBytes } = buffers;
  const offset = request.getUint32(REQUEST_BODY + readIn.offset, true);
  const content = node.read();
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  const part = bytes.subarray(offset, offset + request.getUint32(REQUEST_BODY + readIn.size, true));
  replyBytes.set(part, REPLY_BODY);
  return part.length;
}

/** READ of bytes: offsets have 64 bits, and no attribute is that long. */
export function readBytes(node: BytesNode, { request, replyBytes }: FuseBuffers): number {
  const offset = Number(request.getBigUint64(REQUEST_BODY + readIn.offset, true));
  const privileged = (request.getUint32(REQUEST_BODY + readIn.fh, true) & PRIVILEGED) !== 0;
  const part = node.read(offset, request.getUint32(REQUEST_BODY + readIn.size, true), privileged);
  replyBytes.set(part, REPLY_BODY);
  return part.length;
}

/** WRITE of bytes. */
export function writeBytes(node: BytesNode, buffers: FuseBuffers): number {
  const { request, requestBytes } = buffers;
  const start = REQUEST_BODY + writeIn.bytes;
  const end = Math.min(start + request.getUint32(REQUEST_BODY + writeIn.size, true), requestBytes.length);
  const offset = Number(request.getBigUint64(REQUEST_BODY + writeIn.offset, true));
  const taken = node.write(offset, requestBytes.slice(start, end));
  buffers.clearBody(writeOut.bytes);
  buffers.reply.setUint32(REPLY_BODY + writeOut.size, taken, true);
  return writeOut.bytes;
}

/** WRITE: all of it, at whatever offset. Throws the Errno of the file. */
export function writeText(node: TextNode, buffers: FuseBuffers): number {
  const { request, requestBytes } = buffers;
  const size = request.getUint32(REQUEST_BODY + writeIn.size, true);
  const start = REQUEST_BODY + writeIn.bytes;
  if (node.write === undefined) throw NO_STORE;
  node.write(requestBytes.slice(start, Math.min(start + size, requestBytes.length)));
  buffers.clearBody(writeOut.bytes);
  buffers.reply.setUint32(REPLY_BODY + writeOut.size, size, true);
  return writeOut.bytes;
}
