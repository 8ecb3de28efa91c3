/** Something that happens at a time, in seconds. */
export interface Timed {
  at: number;
}

export interface EventHeap<Event extends Timed> {
  push(event: Event): void;
  /** The earliest, which stays where it is. */
  peek(): Event | undefined;
  /** The earliest; of several at the same time always the same one. */
  pop(): Event | undefined;
  /** All that have not happened, in no order. */
  rest(): Event[];
}

/** A binary heap: as many events as there are messages in work, millions of times. */
export function createEventHeap<Event extends Timed>(): EventHeap<Event> {
  const events: Event[] = [];
  const timeAt = (place: number) => events[place]?.at ?? Infinity;

  function swap(one: number, other: number): void {
    const kept = events[one] as Event;
    events[one] = events[other] as Event;
    events[other] = kept;
  }

  return {
    push(event) {
      let place = events.push(event) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (timeAt(parent) <= timeAt(place)) return;
        swap(place, parent);
        place = parent;
      }
    },

    peek: () => events[0],

    rest: () => [...events],

    pop() {
      const first = events[0];
      const last = events.pop();
      if (first === undefined || last === undefined || events.length === 0) return first;
      events[0] = last;
      let place = 0;
      for (;;) {
        const left = 2 * place + 1;
        const child = timeAt(left + 1) < timeAt(left) ? left + 1 : left;
        if (timeAt(child) >= timeAt(place)) return first;
        swap(place, child);
        place = child;
      }
    },
  };
}
