// A picture from a phone, made small enough to send: JPEG, longest side 1600, at most 400 kB. The place and time that the
// picture itself states (EXIF) are carried over when the original is a JPEG; `exif: false` says that there are none.

import { exifSegment, upright, withSegment } from "./exif.js";

const LONGEST = 1600;
const LARGEST = 400 * 1024;
const SMALLEST = 320;
const QUALITIES = [0.85, 0.7, 0.55];

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
  return canvas.toDataURL("image/jpeg", 0.7);
}

function isSmallEnough(file, picture) {
  return file.type === "image/jpeg" && file.size <= LARGEST && Math.max(picture.width, picture.height) <= LONGEST;
}

/**
 * {blob, name, exif, shrunk, small}: what to send for this file and what to show for it. A file that the phone
 * cannot read as a picture (HEIC in many browsers) is sent as it is.
 */
export async function prepared(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (_) {
    return { blob: file, name: file.name, exif: null, shrunk: false, small: "" };
  }
  const found = exifSegment(await file.slice(0, 256 * 1024).arrayBuffer());
  const segment = found && upright(found);
  const shown = { exif: segment !== null, small: thumbnail(picture) };
  if (isSmallEnough(file, picture)) return { ...shown, blob: file, name: file.name, shrunk: false };
  const jpeg = await squeezed(picture, LARGEST - (segment ? segment.byteLength : 0));
  picture.close();
  const name = `${file.name.replace(/\.\w+$/, "")}.jpg`;
  return { ...shown, blob: segment ? withSegment(jpeg, segment) : jpeg, name, shrunk: true };
}

/** 380 kB, 1.2 MB. */
export function sizeWords(bytes) {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
