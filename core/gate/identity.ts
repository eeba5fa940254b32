import { addressOf, isLoopback } from "../domain/address.ts"
import type { Guard } from "../domain/decision.ts"
import type { Probe } from "../domain/ledger.ts"
import type { Identity, Plan } from "../domain/plan.ts"

/** Where a model is said to be; undefined: it has no address. */
export const addressesOf = ({ parts }: Identity): ReadonlyArray<string> | undefined =>
  parts["urls"]?.split(",").map(addressOf)

/** Where an address leads: a port of this machine says nothing about the weights behind it. */
const placeOf = (address: string): string => URL.canParse(address) && isLoopback(address) ? "this machine" : address

/** Whether nothing but a name and an address tells two models, and both are the same. */
const sameName = (base: Identity, tuned: Identity): boolean => {
  if (base.verifiable || tuned.verifiable || base.parts["model"] === undefined) return false
  if (["model", "provider", "systemPrompt"].some((part) => base.parts[part] !== tuned.parts[part])) return false
  const places = new Set(addressesOf(base)?.map(placeOf))
  return addressesOf(tuned)?.some((address) => places.has(placeOf(address))) ?? false
}

/**
 * What makes two models one: all that changes an answer, the weights alone, or, where nobody sees weights, the name at a
 * shared address; undefined for two models.
 *
 * Trainers rewrite tokenizers, templates and settings around weights that never moved, and fields of a request or one
 * more address change no weights either; a system prompt is given by hand, so equal weights behind another one are two
 * models.
 */
export const samenessOf = (base: Identity, tuned: Identity): "behaviour" | "weights" | "name" | undefined => {
  if (base.behaviour === tuned.behaviour) return "behaviour"
  const prompted = base.parts["systemPrompt"] !== tuned.parts["systemPrompt"]
  if (base.weights !== undefined && base.weights === tuned.weights && !prompted) return "weights"
  return sameName(base, tuned) ? "name" : undefined
}

const around: ReadonlyArray<readonly [part: string, name: string]> = [
  ["tokenizer", "tokenizer"],
  ["template", "chat template"],
  ["ends", "tokens that end an answer"],
  ["architecture", "config.json"],
  ["engine", "engine"],
  ["numerics", "numeric settings"]
]

const short = (digest: string): string => digest.slice(0, 12)

/** What an engine says of an adapter that it merged in vain. */
const idleAdapter = ({ parts }: Identity): string => {
  const why = /, no change: (.*)$/u.exec(parts["adapter"] ?? "")?.[1]
  return why === undefined ? "" : `; its adapter changes nothing: ${why}`
}

/** What to do where two servers may hold two models under one name. */
const byName = ({ verifiable }: Identity): string =>
  verifiable
    ? ""
    : "; its weights can't be seen and it is known by its name only, so serve each model under its own name"

const sameWeights = (base: Identity, tuned: Identity): string => {
  const differing = around.filter(([part]) => base.parts[part] !== tuned.parts[part]).map(([, name]) => name)
  const rest = differing.length === 0 ? "" : `; what differs is no training: ${differing.join(", ")}`
  return `identical: the tuned model has the weights of the base model (${
    short(tuned.weights!)
  }), so there is nothing to compare${rest}`
}

const nats = (value: number): string => `${Number(value.toPrecision(3))}`

/** Whether the tuned model is another one than the base, or the same one as a noise floor wants it. */
export const identityGuard = (
  { target: { identity: base } }: Plan,
  { target: { identity: tuned } }: Plan,
  { allowIdentical = false, noiseFloor = false, probe }: {
    readonly allowIdentical?: boolean
    readonly noiseFloor?: boolean
    readonly probe?: Probe | undefined
  }
): Guard => {
  const same = samenessOf(base, tuned)
  const within = same === undefined && probe?.identical === true
  const guard = { name: "identity", base: short(base.behaviour), tuned: short(tuned.behaviour) }
  if (noiseFloor) {
    return same === "behaviour"
      ? { ...guard, ok: true, detail: "the same model twice, as a noise floor needs" }
      : { ...guard, ok: false, detail: "a noise floor compares a model with itself" }
  }
  if (same === undefined && !within) return { ...guard, ok: true }
  const detail = same === "weights"
    ? `${sameWeights(base, tuned)}${idleAdapter(tuned)}`
    : same !== undefined
    ? `identical: the tuned model is the base model, so there is nothing to compare${byName(tuned)}${
      idleAdapter(tuned)
    }`
    : `identical: the tuned model can't be told from the base model (mean |log-ratio| ${
      nats(probe!.ratio.mean)
    } nats a token over ${probe!.prompts} prompts, the engine's own noise ${nats(probe!.floor)})`
  return { ...guard, ok: false, detail, ...(allowIdentical ? { overridden: true } : {}) }
}
