// The file in which a provider says what it is.

/** What the server takes at most, in bytes. */
const LARGEST = 1024 * 1024;

/** The text of a chosen file; nothing when it is far too large to be one. */
export async function metadataText(file: File): Promise<string | undefined> {
  return file.size <= LARGEST ? file.text() : undefined;
}

/** A fingerprint as people compare it: pairs of capitals. */
export const fingerprint = (digits: string) => (digits.toUpperCase().match(/../g) ?? []).join(":");
