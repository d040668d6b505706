// A picture from a phone, made small enough to send: JPEG, longest side 1600, at most 400 kB. The place and time that the
// picture itself states (EXIF) are carried over when the original is a JPEG; `exif: false` says that there are none.

const LONGEST = 1600;
const LARGEST = 400 * 1024;
const SMALLEST = 320;
const QUALITIES = [0.85, 0.7, 0.55];
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
    if (isExif) return bytes.slice(at, at + length);
    at += length;
  }
  return null;
}

/** The canvas has already turned the picture upright, so the segment must no longer ask for a turn. */
export function upright(segment) {
  const view = new DataView(segment);
  const tiff = 10; // marker 2, length 2, "Exif\0\0" 6
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > view.byteLength) return segment;
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

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // a transparent PNG would turn black
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function jpegOf(canvas, quality) {
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** First less quality, then less size, until it fits. */
async function squeezed(picture, room) {
  for (let longest = LONGEST; ; longest *= 0.75) {
    const canvas = drawn(picture, longest);
    for (const quality of QUALITIES) {
      const jpeg = await jpegOf(canvas, quality);
      if (jpeg.size <= room || longest < SMALLEST) return jpeg;
    }
  }
}

function thumbnail(picture) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 144;
  const side = Math.min(picture.width, picture.height);
  const left = (picture.width - side) / 2;
  const top = (picture.height - side) / 2;
  canvas.getContext("2d").drawImage(picture, left, top, side, side, 0, 0, 144, 144);
  return canvas;
}

function isSmallEnough(file, picture) {
  return file.type === "image/jpeg" && file.size <= LARGEST && Math.max(picture.width, picture.height) <= LONGEST;
}

/**
 * {blob, name, exif, shrunk, thumbnail}: what to send for this file and what to show for it. A file that the phone
 * cannot read as a picture (HEIC in many browsers) is sent as it is.
 */
export async function prepared(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (_) {
    return { blob: file, name: file.name, exif: null, shrunk: false, thumbnail: null };
  }
  const segment = exifSegment(await file.slice(0, 256 * 1024).arrayBuffer());
  const shown = { exif: segment !== null, thumbnail: thumbnail(picture) };
  if (isSmallEnough(file, picture)) return { ...shown, blob: file, name: file.name, shrunk: false };
  const jpeg = await squeezed(picture, LARGEST - (segment ? segment.byteLength : 0));
  picture.close();
  const name = `${file.name.replace(/\.\w+$/, "")}.jpg`;
  return { ...shown, blob: segment ? withSegment(jpeg, upright(segment)) : jpeg, name, shrunk: true };
}

/** 380 kB, 1.2 MB. */
export function sizeWords(bytes) {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
