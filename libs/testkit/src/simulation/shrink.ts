// Makes a failing input small: delta debugging (Zeller & Hildebrandt, "Simplifying and isolating failure-inducing input",
// 2002) over a list of anything and one number. Knows nothing of simulations, and is pure but for the test it is given.

/** Something that may fail: some items, in their order, and a bound. Fewer items and a lower bound are simpler. */
export interface ShrinkPlan<Item> {
  readonly items: readonly Item[];
  /** A whole number, 0 or more. */
  readonly bound: number;
}

export interface Shrunk<Item> {
  readonly plan: ShrinkPlan<Item>;
  /** How often `stillFails` was asked. */
  readonly attempts: number;
  /** True: it fails, and with any single item less, or a bound of one less, it does not. False: attempts ran out. */
  readonly isMinimal: boolean;
}

/**
 * The smallest plan found that still fails. `failing` is taken at its word. `stillFails` must be a function of its plan;
 * it is asked at most `attemptsMax` times.
 */
export async function shrink<Item>(
  failing: ShrinkPlan<Item>,
  stillFails: (plan: ShrinkPlan<Item>) => boolean | Promise<boolean>,
  attemptsMax: number,
): Promise<Shrunk<Item>> {
  const search = new Search(failing, stillFails, attemptsMax);
  let isSmaller = true;
  while (isSmaller && !search.isSpent) {
    // The bound first: it makes every further attempt cheaper. Each may make room for the other.
    const isLower = await lowerBound(search);
    const isShorter = await dropItems(search);
    isSmaller = isLower || isShorter;
  }
  return { plan: search.plan, attempts: search.attempts, isMinimal: !search.isSpent };
}

class Search<Item> {
  plan: ShrinkPlan<Item>;
  attempts = 0;
  readonly #stillFails: (plan: ShrinkPlan<Item>) => boolean | Promise<boolean>;
  readonly #attemptsMax: number;

  constructor(
    plan: ShrinkPlan<Item>,
    stillFails: (plan: ShrinkPlan<Item>) => boolean | Promise<boolean>,
    attemptsMax: number,
  ) {
    this.plan = plan;
    this.#stillFails = stillFails;
    this.#attemptsMax = attemptsMax;
  }

  get isSpent(): boolean {
    return this.attempts >= this.#attemptsMax;
  }

  /** Goes on with `plan` if it fails too. */
  async accepts(plan: ShrinkPlan<Item>): Promise<boolean> {
    if (this.isSpent) return false;
    this.attempts += 1;
    const fails = await this.#stillFails(plan);
    if (fails) this.plan = plan;
    return fails;
  }
}

/** Takes away ever smaller steps, down to one. A failure need not grow with the bound, so this is no bisection. */
async function lowerBound<Item>(search: Search<Item>): Promise<boolean> {
  let isLower = false;
  let step = search.plan.bound;
  while (step >= 1 && !search.isSpent) {
    const { items, bound } = search.plan;
    const isAccepted = step <= bound && (await search.accepts({ items, bound: bound - step }));
    if (isAccepted) isLower = true;
    else step = Math.floor(step / 2);
  }
  return isLower;
}

/** The classic: leave out chunks, halve the chunks when none can go. At the end no single item can. */
async function dropItems<Item>(search: Search<Item>): Promise<boolean> {
  const before = search.plan.items.length;
  let chunk = before;
  while (chunk >= 1 && !search.isSpent) {
    let hasDropped = false;
    let from = 0;
    while (from < search.plan.items.length) {
      const { items, bound } = search.plan;
      const rest = [...items.slice(0, from), ...items.slice(from + chunk)];
      if (await search.accepts({ items: rest, bound })) hasDropped = true;
      else from += chunk;
    }
    // Single items are tried again until a whole round drops none; larger chunks come back as smaller ones anyway.
    if (chunk > 1) chunk = Math.floor(chunk / 2);
    else if (!hasDropped) break;
  }
  return search.plan.items.length < before;
}
