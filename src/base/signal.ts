/** News that one part of the gateway tells to parts which are made after it. */
export interface Signal<Told> {
  readonly listen: (listener: (told: Told) => void) => void;
  readonly tell: (told: Told) => void;
}

export function createSignal<Told>(): Signal<Told> {
  const listeners: ((told: Told) => void)[] = [];
  return {
    listen: (listener) => void listeners.push(listener),
    tell: (told) => {
      for (const listener of listeners) listener(told);
    },
  };
}
