import { createHash } from "node:crypto"
import { digestOf } from "../domain/digest.ts"
import type { ReasoningPolicy } from "../domain/judging.ts"
import type { Measure } from "../domain/measures.ts"
import type {
  AssetUse,
  Decoding,
  Identity,
  Plan,
  PlannedSuite,
  PluginRef,
  ScorerRef,
  SuiteKind
} from "../domain/plan.ts"
import { unitSeeds } from "../domain/seed.ts"
import { messagesFault } from "../plugin/border.ts"
import { pluginProblem } from "../plugin/thrown.ts"
import { digestDigits, type Digests, digestTable } from "./digests.ts"
import { askingOrder } from "./order.ts"
import { goalDigest, type Population, promptHash } from "./population.ts"
import { shownHash } from "./shown.ts"
import { unitLines } from "./unit-lines.ts"

/** A suite as the caller wants it asked, with its samples at hand. */
export interface SuiteToPlan {
  readonly population: Population
  /** Text that names the suite again. */
  readonly selection: string
  readonly plugin: PluginRef
  readonly kind: SuiteKind
  readonly role: "gated" | "tracked"
  readonly gates: ReadonlyArray<Measure>
  readonly tracks: ReadonlyArray<Measure>
  readonly clustered: boolean
  readonly decoding: Decoding
  readonly epochs: number
  readonly scorer: ScorerRef
  /** How reasoning text counts. @default final */
  readonly reasoning?: ReasoningPolicy
  readonly limit: number | undefined
  readonly assets: ReadonlyArray<AssetUse>
}

/** A population frozen: the suites of a plan and its units, in the order in which they are asked. */
export interface FrozenUnits {
  readonly suites: ReadonlyArray<PlannedSuite>
  readonly units: { readonly count: number; readonly sha256: string }
  /** Digest of each sample's messages, by suite and by the sample's place in the population. */
  readonly prompts: ReadonlyArray<Digests>
}

/** What units say of their samples, each by the sample's place in the population. */
interface SampleFacts {
  readonly prompts: Digests
  /** Digest of the population. */
  readonly items: string
  /** Digest of what scorers are shown of it. */
  readonly shown: string
  readonly goals: ReadonlyArray<string>
  /** One epoch after another. */
  readonly seeds: Uint32Array
}

/** Bytes, so that what is added up does not grow with the suite and few calls hash it. */
const hashedAtOnce = 1 << 16

/** sha256 over ids and prompts, sample after sample: `id`, a zero, 32 digits, a line end. */
const itemsHash = () => {
  const items = createHash("sha256")
  const bytes = Buffer.allocUnsafe(hashedAtOnce * 2)
  let size = 0
  const hashWhole = (): void => {
    items.update(bytes.subarray(0, size))
    size = 0
  }
  return {
    add: (id: string, prompts: Digests, place: number): void => {
      if (id.length * 3 + digestDigits + 2 > hashedAtOnce) {
        hashWhole()
        items.update(id)
      } else size += bytes.write(id, size, "utf8")
      bytes[size++] = 0
      prompts.copy(place, bytes, size)
      size += digestDigits
      bytes[size++] = 10
      if (size >= hashedAtOnce) hashWhole()
    },
    digest: (): string => {
      hashWhole()
      return items.digest("hex")
    }
  }
}

/** sha256 over the ids and prompts of a population, in its order. */
export const itemsDigest = ({ samples }: Population): string => {
  const items = itemsHash()
  const prompts = digestTable(samples.length)
  for (const [place, { id, messages }] of samples.entries()) {
    prompts.set(place, promptHash(messages))
    items.add(id, prompts, place)
  }
  return items.digest()
}

// In the benchmark's own order, in which what belongs together lies together in memory: of 200,000 samples in the order
// of asking, each is a walk through memory that no cache holds.
const readSamples = ({ epochs, population }: SuiteToPlan, answerSeed: number): SampleFacts => {
  const { samples, suite } = population
  const prompts = digestTable(samples.length)
  const goals = Array.from<string>({ length: samples.length })
  const goalDigests = new Map<string, string>()
  const seeds = new Uint32Array(samples.length * epochs)
  const items = itemsHash()
  const shown = shownHash()
  const seedOf = unitSeeds(answerSeed, suite)
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!
    const { goal, id, messages } = sample
    const fault = messagesFault(messages)
    if (fault !== undefined) throw pluginProblem(suite, `sample ${JSON.stringify(id)}: ${fault}`)
    let digest = goalDigests.get(goal)
    if (digest === undefined) goalDigests.set(goal, digest = goalDigest(goal))
    prompts.set(i, promptHash(messages))
    items.add(id, prompts, i)
    shown.add(sample)
    goals[i] = digest
    for (let epoch = 0; epoch < epochs; epoch++) {
      seeds[epoch * samples.length + i] = seedOf(id, epoch)
    }
  }
  return { prompts, items: items.digest(), shown: shown.digest(), goals, seeds }
}

/**
 * Freezes a population: yields `units.ndjson` in chunks of bytes, each to be used before the next, and returns what
 * `plan.json` says of it.
 *
 * Equal input gives equal bytes. Each prompt is read once; nothing of it is kept.
 */
export function* freezeUnits(
  suites: ReadonlyArray<SuiteToPlan>,
  seed: number,
  answerSeed = seed
): Generator<Uint8Array, FrozenUnits> {
  const facts = suites.map((suite) => readSamples(suite, answerSeed))
  const hash = createHash("sha256")
  const lines = unitLines()
  const named = suites.map(({ population }, index) => ({ suite: population.suite, prompts: facts[index]!.prompts }))
  let count = 0
  const taken = (): Uint8Array => {
    const chunk = lines.take()
    hash.update(chunk)
    return chunk
  }
  const sizes = suites.map(({ epochs, population }) => ({
    id: population.suite,
    samples: population.samples.length,
    epochs
  }))
  for (const place of askingOrder(sizes, seed)) {
    const { samples } = suites[place.suite]!.population
    const { goals, seeds } = facts[place.suite]!
    const { attack, category, cluster, id } = samples[place.sample]!
    const due = lines.add(named[place.suite]!, place.sample, {
      sample: id,
      epoch: place.epoch,
      goal: goals[place.sample]!,
      seed: seeds[place.epoch * samples.length + place.sample]!,
      cluster,
      category,
      attack
    })
    count++
    if (due) yield taken()
  }
  yield taken()
  return {
    suites: suites.map((suite, index) => plannedSuite(suite, facts[index]!)),
    units: { count, sha256: hash.digest("hex") },
    prompts: facts.map(({ prompts }) => prompts)
  }
}

const plannedSuite = (suite: SuiteToPlan, { items, shown }: SampleFacts): PlannedSuite => {
  const { samples } = suite.population
  return {
    id: suite.population.suite,
    selection: suite.selection,
    plugin: suite.plugin,
    kind: suite.kind,
    role: suite.role,
    gates: suite.gates,
    tracks: suite.tracks,
    clustered: suite.clustered,
    decoding: suite.decoding,
    epochs: suite.epochs,
    scorer: suite.scorer,
    ...(suite.reasoning === undefined ? {} : { reasoning: suite.reasoning }),
    ...(suite.limit === undefined ? {} : { limit: suite.limit }),
    samples: samples.length,
    excluded: suite.population.excluded,
    items,
    shown,
    assets: suite.assets
  }
}

/** What a run is asked to be, before any data is read: decides which directory it lives in. */
export interface RunRequest {
  readonly target: { readonly spec: string; readonly identity: Identity }
  readonly profile: string | undefined
  /** What the profile says of the verdict. */
  readonly rules?: Plan["rules"] | undefined
  /** The part of the samples that is asked, in a trajectory. */
  readonly part?: Plan["part"] | undefined
  /** The run whose answers are judged again. */
  readonly source?: Plan["source"]
  readonly seed: number
  /** @default the seed */
  readonly answerSeed?: number
  readonly suites: ReadonlyArray<{
    readonly id: string
    readonly epochs: number
    readonly limit: number | undefined
    readonly decoding: Decoding
    readonly scorer: { readonly id: string; readonly behaviour: string }
    readonly reasoning?: ReasoningPolicy | undefined
  }>
}

/**
 * The name of a run: a readable label and 12 hex digits of what was asked of whom.
 *
 * Data and plugin digests are left out on purpose: the same command finds its run again, and a changed file is then an
 * error that names the digest instead of a silent second population.
 */
export const runId = (request: RunRequest): string => {
  const [scheme = "", ...rest] = request.target.spec.replace(/[?].*$/, "").replace(/@https?:.*$/, "").split(":")
  const last = rest.join(":").split(/[/+]/).findLast((part) => part !== "") ?? ""
  const label = `${scheme}-${last}`.replace(/[^A-Za-z0-9.]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 48)
  const key = digestOf({
    behaviour: request.target.identity.behaviour,
    part: request.part,
    seed: request.seed,
    answerSeed: request.answerSeed,
    source: request.source,
    suites: request.suites.map(({ decoding, epochs, id, limit, reasoning, scorer }) => ({
      decoding,
      epochs,
      id,
      limit,
      reasoning,
      scorer
    }))
  })
  return `${label}-${key.slice(0, 12)}`
}

/** The plan of one target over a frozen population. */
export const makePlan = (request: RunRequest, frozen: FrozenUnits): Plan => ({
  schema: "driftgate.plan/1",
  run: runId(request),
  target: request.target,
  ...(request.source === undefined ? {} : { source: request.source }),
  ...(request.profile === undefined ? {} : { profile: request.profile }),
  ...(request.rules === undefined ? {} : { rules: request.rules }),
  ...(request.part === undefined ? {} : { part: request.part }),
  seed: request.seed,
  ...(request.answerSeed === undefined ? {} : { answerSeed: request.answerSeed }),
  suites: frozen.suites,
  units: frozen.units
})
