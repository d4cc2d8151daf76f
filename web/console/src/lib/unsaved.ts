/** Forms with something in them that nobody has saved yet. */
const dirty = new Set<object>();

export const unsaved = {
  mark(form: object, changed: boolean): void {
    if (changed) dirty.add(form);
    else dirty.delete(form);
  },
  any: (): boolean => dirty.size > 0,
  forget: (): void => dirty.clear(),
};
