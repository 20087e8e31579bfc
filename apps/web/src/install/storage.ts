/** The browser's promise to keep what is stored here also when its disk is full. */

export async function isStorageKept(): Promise<boolean> {
  return navigator.storage.persisted();
}

/** Asks; some browsers ask the person, some decide by themselves. */
export async function keepStorage(): Promise<boolean> {
  return navigator.storage.persist();
}
