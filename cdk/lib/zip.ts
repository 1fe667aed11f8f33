import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;

/** The content of a file in a zip, as `cargo xtask bundle` writes them: no ZIP64, no encryption. */
export function readZipEntry(zip: Buffer, name: string): Buffer {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error('not a zip');
  const entries = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < entries; entry += 1) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error('the central directory is damaged');
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const content = zip.subarray(start, start + size);
      if (method === 0) return content;
      if (method === 8) return inflateRawSync(content);
      throw new Error(`${name} uses compression method ${method}; only stored and deflated files are supported`);
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`it contains no file ${name}`);
}

/** Which processor an ELF executable is for. */
export function processorOf(executable: Buffer): 'x86_64' | 'arm64' | 'unknown' {
  const elf = executable.length >= 20 && executable.readUInt32BE(0) === 0x7f454c46;
  if (!elf) return 'unknown';
  const machine = executable.readUInt16LE(18);
  if (machine === 0x3e) return 'x86_64';
  return machine === 0xb7 ? 'arm64' : 'unknown';
}
