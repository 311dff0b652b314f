/**
 * Text files of a tree: who may open them, and what read(2) and write(2) give. Each puts the answer's body into the
 * reply buffer and returns its bytes. Follows kernfs_fop_open() of fs/kernfs/file.c.
 */
import { constants } from 'node:fs';
import { FOPEN_DIRECT_IO, openIn, openOut, readIn, writeIn, writeOut } from '../../abi/fuse.ts';
import { Errno } from '../../kernel/errno.ts';
import { NO_DEVICE } from './file-requests.ts';
import { type FuseBuffers, REPLY_BODY, REQUEST_BODY } from './reply.ts';
import type { TextNode } from './tree.ts';

const ANY_READ = 0o444;
const ANY_WRITE = 0o222;

const NOT_FOR_READING = new Errno('EACCES', 'the attribute cannot be read', 'no mode bit allows it to anybody');
const NOT_FOR_WRITING = new Errno('EACCES', 'the attribute cannot be written', 'no mode bit allows it to anybody');
const NO_STORE = new Errno('EIO', 'writing this attribute is not emulated');

const encoder = new TextEncoder();

/** OPEN. Throws EACCES where the mode bits give nobody that access: root passes the kernel's check, but not this. */
export function openText({ mode }: TextNode, buffers: FuseBuffers): number {
  const access = buffers.request.getUint32(REQUEST_BODY + openIn.flags, true) & 3;
  if (access !== constants.O_RDONLY && (mode & ANY_WRITE) === 0) throw NOT_FOR_WRITING;
  if (access !== constants.O_WRONLY && (mode & ANY_READ) === 0) throw NOT_FOR_READING;
  buffers.clearBody(openOut.bytes);
  buffers.reply.setUint32(REPLY_BODY + openOut.fh, NO_DEVICE, true);
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
