/** How long messages may be set to stay. */

/** One second: less than a person needs to read anything. */
export const minDisappearAfterS = 1;
/** A year. Longer than that is no promise a device should make: most will not be there. */
export const maxDisappearAfterS = 365 * 24 * 60 * 60;

/** Whether messages can be set to disappear after so many seconds. */
export function isDisappearAfter(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= minDisappearAfterS && seconds <= maxDisappearAfterS;
}
