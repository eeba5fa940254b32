import { originOf } from "../domain/address.ts"
import type { Guard } from "../domain/decision.ts"
import type { Arm } from "./arm.ts"
import { addressesOf, samenessOf } from "./identity.ts"

const most = 5
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** A server's own text as a message can hold it. */
const quoted = (name: string): string => {
  const text = name.slice(0, 200).replace(hidden, " ")
  return `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`
}

const listed = ({ served }: Arm): string => {
  const names = [...served?.keys() ?? []].toSorted()
  const more = names.length > most ? ` and ${names.length - most} more` : ""
  return names.length === 0 ? "not told" : `${names.slice(0, most).map(quoted).join(", ")}${more}`
}

/** Whether what the server calls the model that answered is all that there is to know of its weights. */
const isTold = ({ plan, served }: Arm): boolean =>
  !plan.target.identity.verifiable && served !== undefined && served.size > 0

/** Names under which both models answered, though they were asked under different ones. */
const sharedNames = (base: Arm, tuned: Arm): ReadonlyArray<string> => {
  const [mine, theirs] = [base.plan.target.identity, tuned.plan.target.identity]
  if (!isTold(base) || !isTold(tuned) || samenessOf(mine, theirs) !== undefined) return []
  if (mine.parts["model"] !== undefined && mine.parts["model"] === theirs.parts["model"]) return []
  return [...base.served!.keys()].filter((name) => tuned.served!.has(name))
}

/** Whether both models may be asked at one server; where nothing tells, they may. */
const sharesOrigin = (base: Arm, tuned: Arm): boolean => {
  const [mine, theirs] = [base, tuned].map(({ plan }) => addressesOf(plan.target.identity)?.map(originOf))
  return mine === undefined || theirs === undefined || mine.some((origin) => theirs.includes(origin))
}

/**
 * Whether the servers answered as the models that were asked: as one model throughout a run, and as two for two names.
 *
 * None where no server says who answered, and for models whose weights were seen.
 */
export const servedGuards = (base: Arm, tuned: Arm): ReadonlyArray<Guard> => {
  const arms = [["base", base], ["tuned", tuned]] as const
  if (!arms.some(([, arm]) => isTold(arm))) return []
  const mixed = arms.filter(([, arm]) => isTold(arm) && arm.served!.size > 1).map(([name]) => name)
  const one = sharesOrigin(base, tuned) && sharedNames(base, tuned).length > 0
  const faults = [
    ...mixed.map((name) => `the server of the ${name} model changed its name within the run, so two models are mixed`),
    ...(one
      ? [
        "one server answered for both models as the same one, so nothing shows that the tuned model was asked at all "
        + "(an adapter that is not loaded, a proxy that falls back); where it calls every model so, `driftgate compare "
        + "--accept served` decides"
      ]
      : [])
  ]
  return [{
    name: "served",
    ok: faults.length === 0,
    base: listed(base),
    tuned: listed(tuned),
    ...(faults.length === 0 ? {} : { detail: faults.join("; ") })
  }]
}

/** A sentence for two servers that call two models by one name, as gateways that report a constant do. */
export const servedAlike = (base: Arm, tuned: Arm): string | undefined => {
  const [name] = sharedNames(base, tuned)
  return name === undefined || sharesOrigin(base, tuned)
    ? undefined
    : `both models were asked under names of their own at different servers, and both servers call the model that `
      + `answered ${quoted(name)}: check that they are two models`
}
