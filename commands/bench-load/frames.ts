/** Kinds of frames of HTTP/2. @see https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const KIND = { data: 0, headers: 1, resetStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
/** Of frames that begin or end a stream. */
export const END_STREAM = 0x1;
/** The frame holds the whole header. */
export const END_HEADERS = 0x4;
/** Of settings and pings. */
export const ACKNOWLEDGED = 0x1;
/** The largest window of flow control. */
export const MOST = 2 ** 31 - 1;
/** The window that a connection begins with. */
export const FIRST_WINDOW = 65_535;
/** What a header begins with when it answers 200. @see https://www.rfc-editor.org/rfc/rfc7541#appendix-A */
export const STATUS_200 = 0x88;

const HEAD_BYTES = 9;

/** One frame. */
export interface Frame {
  readonly kind: number;
  readonly flags: number;
  /** 0: of the whole connection. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** The bytes of a frame. */
export function encode({ kind, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(kind, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Cuts what a connection brings into frames. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that the chunk completes */
  read(chunk: Buffer): Frame[] {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      frames.push({
        kind: bytes.readUInt8(at + 3),
        flags: bytes.readUInt8(at + 4),
        stream: bytes.readUInt32BE(at + 5) & MOST,
        payload: bytes.subarray(at + HEAD_BYTES, end),
      });
      at = end;
    }
    this.rest = bytes.subarray(at);
    return frames;
  }
}

/** One number of 32 bits. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Settings: no pushes, and windows for streams that never fill. */
export const SETTINGS: Buffer = Buffer.concat([Buffer.from([0, 2]), uint32(0), Buffer.from([0, 4]), uint32(MOST)]);

/** The header of a GET over https: two entries of HPACK's static table, two literals that are not to be remembered. */
export function headerOf(name: string, path: string): Buffer {
  const literal = (index: number, value: string): Buffer => {
    // longer ones write their length in more bytes than one
    if (value.length > 126) throw new Error(`${value}: must have at most 126 characters`);
    return Buffer.concat([Buffer.from([index, value.length]), Buffer.from(value, 'latin1')]);
  };
  return Buffer.concat([Buffer.from([0x82, 0x87]), literal(1, name), literal(4, path)]);
}
