/** Numbers distinct keys in order of arrival. Stores millions of doubles without an object for each. */
export interface KeyIndex {
  readonly size: number;
  keyAt(index: number): number;
  /** The index of a key; a new key gets the next one. */
  add(key: number): number;
}

const INITIAL_CAPACITY = 1 << 16;

export function createKeyIndex(): KeyIndex {
  let keys = new Float64Array(INITIAL_CAPACITY);
  let slots = new Int32Array(2 * INITIAL_CAPACITY);
  let size = 0;

  function slotOf(key: number): number {
    const mask = slots.length - 1;
    let slot = hash(key) & mask;
    for (;;) {
      const index = slots[slot] ?? 0;
      if (index === 0 || keys[index - 1] === key) return slot;
      slot = (slot + 1) & mask;
    }
  }

  function grow(): void {
    const grown = new Float64Array(2 * keys.length);
    grown.set(keys);
    keys = grown;
    slots = new Int32Array(2 * keys.length);
    for (let index = 0; index < size; index++) slots[slotOf(keys[index] ?? 0)] = index + 1;
  }

  return {
    get size() {
      return size;
    },
    keyAt: (index) => keys[index] ?? 0,
    add(key) {
      const slot = slotOf(key);
      const known = slots[slot] ?? 0;
      if (known > 0) return known - 1;
      keys[size] = key;
      size += 1;
      slots[slot] = size;
      if (size === keys.length) grow();
      return size - 1;
    },
  };
}

function hash(key: number): number {
  const mixed = Math.imul((key % 4294967296) ^ Math.imul(Math.floor(key / 4294967296), 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
