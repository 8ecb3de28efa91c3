export interface Fifo<Item> {
  readonly size: number;
  push(item: Item): void;
  shift(): Item | undefined;
  /** From the first to the last. */
  rest(): Item[];
}

/** How much is dropped at once: an array's own shift() moves all that are left. */
const CHUNK = 4_096;

/** First in, first out, at the same cost however many there are. */
export function createFifo<Item>(): Fifo<Item> {
  let items: Item[] = [];
  let head = 0;
  return {
    get size() {
      return items.length - head;
    },

    push: (item) => items.push(item),

    shift() {
      if (head === items.length) return undefined;
      const item = items[head];
      head += 1;
      if (head >= CHUNK && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },

    rest: () => items.slice(head),
  };
}
