// The wire format of protocol buffers, as far as GTFS-realtime needs it: fields of a message by number.
export function fields(bytes) {
  const found = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    let value;
    if ((tag & 7) === 0) value = varint();
    else if ((tag & 7) === 1) at += 8;
    else if ((tag & 7) === 2) {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    } else if ((tag & 7) === 5) {
      value = view.getFloat32(at, true);
      at += 4;
    } else throw new Error(`wire type ${tag & 7}`);
    const number = Math.floor(tag / 8);
    found.set(number, [...(found.get(number) ?? []), value]);
  }
  return { all: (n) => found.get(n) ?? [], one: (n) => found.get(n)?.[0] };
}
