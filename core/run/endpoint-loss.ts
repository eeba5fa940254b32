import type { TargetError } from "../plugin/contract.ts"

const forAll: ReadonlySet<string> = new Set<TargetError["reason"]>([
  "auth",
  "quota",
  "billing",
  "engine_dead",
  "not_found",
  "unsupported_parameter"
])

/** Whether no other question to a model will escape an error: it is asked nothing more. */
export const endsModel = ({ oneQuestion, reason }: TargetError): boolean => oneQuestion !== true && forAll.has(reason)

/** Reasons of a unit's own that say nothing of the model, such as a prompt that is too long or an answer not stored. */
export const concernsOneUnit = (reason: string): boolean => reason === "context_overflow" || reason === "not_found"

/** Questions in a row that failed although each was tried again: the model is gone. */
export const failuresThatEndAModel = 16
