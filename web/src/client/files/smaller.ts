// Smaller copies of pictures: what a phone's camera gives is many times what a screen shows, and a list shows little of that.
// They are made here and not by the server, which then takes no stranger's picture apart.
// Invariant: the copy stands upright as the photo did; what is small, cannot be read here or would not become smaller goes as
// it is. A copy knows no place and no camera any more.

/** The longest side of a copy, in pixels. */
const LONGEST = 2048;
/** The longest side of a picture in a list, on the sharpest screens. */
const IN_LISTS = 160;
/** The most bytes the server takes of such a one. */
const MOST_IN_LISTS = 64 * 1024;
/** Up to so many bytes a picture is small. */
const SMALL = 500_000;
/** A copy of more than this part of the picture is not worth it. */
const WORTH = 0.9;
/** Types that are copied, and what they become: photos JPEG, drawings with sharp edges and holes stay PNG. */
const COPIED: Readonly<Record<string, string>> = {
  "image/jpeg": "image/jpeg",
  "image/webp": "image/jpeg",
  "image/heic": "image/jpeg",
  "image/heif": "image/jpeg",
  "image/png": "image/png",
};

/** Width and height within the longest side, at least one pixel each. */
export function fitted(width: number, height: number, longest = LONGEST): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** The name of a copy: its ending says what it is now. */
export function renamed(name: string, type: string): string {
  if (type === "image/png" || /\.jpe?g$/i.test(name)) return name;
  return `${name.replace(/\.[a-z0-9]{1,5}$/i, "")}.jpg`;
}

/** A smaller copy of a picture, or the picture itself. */
export async function smaller(file: File): Promise<File> {
  const type = COPIED[file.type];
  if (file.size <= SMALL || !type) return file;
  try {
    const copy = await copied(file, type, LONGEST);
    return copy && copy.size < file.size * WORTH
      ? new File([copy], renamed(file.name, type), { type })
      : file;
  } catch {
    // No picture that this browser can read.
    return file;
  }
}

/** A picture of it for lists; nothing where it is none that can be read here. */
export async function small(file: File): Promise<File | undefined> {
  if (!file.type.startsWith("image/") || file.type.includes("svg")) return undefined;
  try {
    // Holes stay holes.
    const type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
    const copy = await copied(file, type, IN_LISTS);
    return copy && copy.size <= MOST_IN_LISTS
      ? new File([copy], renamed(file.name, type), { type })
      : undefined;
  } catch {
    return undefined;
  }
}

async function copied(file: File, type: string, longest: number): Promise<Blob | null> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = fitted(picture.width, picture.height, longest);
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, type, 0.85));
  } finally {
    picture.close();
  }
}
