// Text that may be stored, compared and shown.

/**
 * Well-formed, of bounded length, and free of control characters and of format characters (zero width, direction
 * marks), with which two ids could look the same.
 */
export function isCleanText(text: string, max: number): boolean {
  return (
    text.isWellFormed() &&
    !/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(text) &&
    [...text].length <= max
  );
}
