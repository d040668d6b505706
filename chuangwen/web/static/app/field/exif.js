// The place and time that a photo itself states (EXIF) travel with its smaller copy.

const ORIENTATION = 0x0112;

/** The bytes of the EXIF segment of a JPEG, marker included; null when there is none. */
export function exifSegment(bytes) {
  const view = new DataView(bytes);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda) return null; // the picture itself begins
    const length = view.getUint16(at + 2) + 2;
    const isExif = marker === 0xe1 && view.getUint32(at + 4) === 0x45786966; // "Exif"
    if (isExif && (length < 20 || at + length > view.byteLength)) return null; // cut off, or too short to say anything
    if (isExif) return bytes.slice(at, at + length);
    at += length;
  }
  return null;
}

/** The canvas has turned the picture upright, so the segment must no longer ask for a turn; null when it is broken. */
export function upright(segment) {
  const view = new DataView(segment);
  const tiff = 10; // marker 2, length 2, "Exif\0\0" 6
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > view.byteLength) return null;
  const entries = view.getUint16(first, little);
  for (let n = 0; n < entries && first + 2 + 12 * (n + 1) <= view.byteLength; n += 1) {
    const entry = first + 2 + 12 * n;
    if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little);
  }
  return segment;
}

/** The JPEG with this segment as its first one. */
export function withSegment(jpeg, segment) {
  return new Blob([jpeg.slice(0, 2), segment, jpeg.slice(2)], { type: "image/jpeg" });
}
