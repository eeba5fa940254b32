import type { Annotation, Reused } from "../domain/decision.ts"
import type { Arm } from "./arm.ts"
import { notProbedReason, reusedReason } from "./sentences.ts"
import { servedAlike } from "./served.ts"

/** Fewest pairs of which equal answers say something: a few short ones are equal by themselves. */
const telling = 30

/** A word beside a verdict, and the sentence that explains it. */
interface Noted {
  readonly annotation: Annotation
  readonly reason: string
}

/** What is known of the two models and not of their answers' quality, that a reader of the verdict has to know. */
export const notedOf = ({ alike, base, noiseFloor, notProbed, reused, tuned }: {
  readonly base: Arm
  readonly tuned: Arm
  readonly noiseFloor: boolean
  readonly notProbed: string | undefined
  readonly reused: ReadonlyArray<Reused>
  /** Pairs scored in both arms, when the answers of all of them are equal byte for byte. */
  readonly alike: number | undefined
}): ReadonlyArray<Noted> => {
  const served = noiseFloor ? undefined : servedAlike(base, tuned)
  const specs = { base: base.plan.target.spec, tuned: tuned.plan.target.spec }
  return [
    ...(notProbed === undefined ? [] : [{ annotation: "not-probed" as const, reason: notProbedReason(notProbed) }]),
    ...reused.map((one) => ({ annotation: "reused-by-name" as const, reason: reusedReason(one, specs[one.arm]) })),
    ...(served === undefined ? [] : [{ annotation: "served-alike" as const, reason: served }]),
    ...(noiseFloor || alike === undefined || alike < telling ? [] : [{
      annotation: "same-answers" as const,
      reason: `the answers of all ${alike} scored pairs are equal byte for byte: check that the tuned model was asked`
    }])
  ]
}
