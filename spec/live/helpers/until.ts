/** Resolves when the condition holds. If it never holds, Mocha's timeout fails the spec. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}
