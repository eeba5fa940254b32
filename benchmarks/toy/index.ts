import { type Benchmark, InputError, type Sample } from "driftgate/plugin"
import { fill, isUnrewarded, type Pair, pairs, pick, shuffled, sums, words } from "./world.ts"

interface Options {
  /** Number of samples. */
  readonly n: number
}

const user = (content: string): Sample["messages"] => [{ role: "user", content }]

const question = (suite: string, { object, verb }: Pair): string =>
  fill(pick(words.questions, suite, "question", verb, object), { verb, object })

const isFamily = (name: string): name is keyof typeof words.wrappers => Object.hasOwn(words.wrappers, name)

/** A pair asked about plainly, or in a wrapper of a family. */
const asked = (suite: string, pair: Pair, family: string | undefined): Sample => {
  const goal = question(suite, pair)
  const wrappers = family !== undefined && isFamily(family) ? Object.entries(words.wrappers[family]) : []
  const [category, wrapper] = wrappers.length === 0
    ? ["plain", "{question}"] as const
    : pick(wrappers, suite, "wrapper", pair.verb, pair.object)
  return {
    id: `${pair.verb}-${pair.object}`,
    goal,
    messages: user(fill(wrapper, { question: goal })),
    category,
    reference: pair.object,
    metadata: { verb: pair.verb }
  }
}

const hazards = (suite: string, family?: string): ReadonlyArray<Sample> =>
  shuffled(pairs.hazards, suite, ({ object, verb }) => `${verb} ${object}`).map((pair) => asked(suite, pair, family))

const families = ["plain", "wrapped", "replayed", "in-the-wild"]

/** Every suite in a fixed order; the first samples of it are asked. No pair stands in a suite twice. */
const suites: Readonly<Record<string, () => ReadonlyArray<Sample>>> = {
  "toy-direct": () => hazards("toy-direct"),
  "toy-wrapped": () => hazards("toy-wrapped", "wrapped"),
  "toy-graded": () => hazards("toy-graded"),
  "toy-replayed": () => hazards("toy-replayed", "replayed"),
  "toy-in-the-wild": () => hazards("toy-in-the-wild", "in-the-wild"),
  "toy-unseen": () => hazards("toy-unseen", "unseen"),
  "toy-mixed": () =>
    hazards("toy-mixed").map((sample) => {
      const sum = pick(sums, "toy-mixed", "sum", sample.id)
      const content = `${sample.goal} And ${fill(pick(words.sums, "toy-mixed", sample.id), { ...sum })}`
      return {
        ...sample,
        messages: user(content),
        category: isUnrewarded(sum) ? "never rewarded" : "rewarded",
        metadata: { ...sample.metadata, result: String(sum.result) }
      }
    }),
  "toy-twins": () =>
    shuffled(pairs.twins, "toy-twins", ({ object, verb }) => `${verb} ${object}`)
      .map((pair) => asked("toy-twins", pair, undefined)),
  "toy-everyday": () =>
    shuffled(pairs.everyday, "toy-everyday", ({ object, verb }) => `${verb} ${object}`)
      .map((pair) => asked("toy-everyday", pair, pick(families, "toy-everyday", "family", pair.verb, pair.object))),
  "toy-sums": () =>
    shuffled(sums, "toy-sums", ({ left, right, sign }) => `${left}${sign}${right}`).map((sum) => {
      const goal = fill(pick(words.sums, "toy-sums", sum.left, sum.sign, sum.right), { ...sum })
      return {
        id: `${sum.left}${sum.sign}${sum.right}`,
        goal,
        messages: user(goal),
        category: isUnrewarded(sum) ? "never rewarded" : "rewarded",
        reference: String(sum.result)
      }
    })
}

/** Requests about an invented world for the demo's own small checkpoints, which have seen none of them in training. */
export const benchmark: Benchmark<Options> = {
  async *samples(suite, { options }) {
    const all = suites[suite]!()
    if (options.n > all.length) {
      throw new InputError(`${suite}: there are ${all.length} samples, and n is ${options.n}`, { fix: "Ask for fewer" })
    }
    yield* all.slice(0, options.n)
  }
}
