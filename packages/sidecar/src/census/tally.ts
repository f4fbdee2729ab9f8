/**
 * The things that come most often, in bounded space, by the algorithm Space-Saving (Metwally, Agrawal, El Abbadi 2005): a
 * new one takes the place of the one that came least and inherits its weight. Whatever makes up more than 1/`size` of
 * everything noted is therefore always listed, in whatever order an attacker sends others.
 */
export interface Tally<Entry> {
  /** Notes one occurrence. `onDropped` gets the entry that a new one displaces. */
  note(name: string, create: () => Entry, onDropped: (dropped: Entry) => void): Entry;
  /** As `note`, of an entry that is listed; else notes nothing. */
  recall(name: string): Entry | undefined;
  values(): readonly Entry[];
}

export function createTally<Entry>(size: number): Tally<Entry> {
  const places = new Map<string, { readonly entry: Entry; weight: number }>();

  function recall(name: string): Entry | undefined {
    const place = places.get(name);
    if (place === undefined) return undefined;
    place.weight += 1;
    return place.entry;
  }

  function lightest(): string | undefined {
    let found: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [name, { weight }] of places) {
      if (weight >= least) continue;
      [found, least] = [name, weight];
    }
    return found;
  }

  function makeRoom(onDropped: (dropped: Entry) => void): number {
    const name = places.size < size ? undefined : lightest();
    const place = name === undefined ? undefined : places.get(name);
    if (name === undefined || place === undefined) return 0;
    places.delete(name);
    onDropped(place.entry);
    return place.weight;
  }

  return {
    recall,
    note(name, create, onDropped) {
      const listed = recall(name);
      if (listed !== undefined) return listed;
      const weight = makeRoom(onDropped) + 1;
      const entry = create();
      places.set(name, { entry, weight });
      return entry;
    },
    values: () => [...places.values()].map(({ entry }) => entry),
  };
}
