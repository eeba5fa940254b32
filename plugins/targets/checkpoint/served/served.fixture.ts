import { isTargetError, type Target, TargetError } from "driftgate/plugin"
import { asking, checkpoint, never, specOf } from "../reference.fixture.ts"
import { readSettings } from "../settings.ts"
import { fakePython, type Fault } from "./fake-engine.fixture.ts"
import { stopIdle } from "./hosts.ts"
import { openServed } from "./open.ts"

/** What a test has to close. */
export const closing: Array<() => Promise<unknown>> = []

/** Closes all that a test opened, and every engine that was kept. */
export const closeAll = async (): Promise<void> => {
  for (const close of closing.splice(0)) await close()
  await stopIdle()
}

export interface Asked {
  readonly path?: string
  readonly adapter?: string | undefined
  readonly more?: Readonly<Record<string, string>>
}

/** Opens checkpoints together in a fake engine, float32 on the processor. */
export const openFake = async (python: string, specs: ReadonlyArray<Asked>) => {
  const said: Array<string> = []
  const settings = await Promise.all(
    specs.map(({ adapter, more = {}, path = checkpoint("base") }) =>
      readSettings(specOf(path, {
        ...(adapter === undefined ? {} : { adapter }),
        parameters: { engine: "vllm", device: "cpu", dtype: "float32", context: "256", python, ...more }
      }))
    )
  )
  const targets = await openServed(settings, { signal: never, say: (line) => void said.push(line), pollMillis: 40 })
  closing.push(() => Promise.all(targets.map(({ close }) => close())))
  return { targets, said }
}

/** One checkpoint in an engine with a fault. */
export const openOneFake = async (fault: Fault, more: Readonly<Record<string, string>> = {}, other?: string) => {
  const python = fakePython(fault, other)
  const { said, targets } = await openFake(python.path, [{ more }])
  return { python, said, one: targets[0]! }
}

/** The `TargetError` that something ends with. */
export const errorOf = async (promise: Promise<unknown>): Promise<TargetError> => {
  const error = await promise.then(() => undefined, (error: unknown) => error)
  if (isTargetError(error)) return error
  throw new Error(`no TargetError: ${String(error)}`)
}

/** An answer to one question. */
export const ask = (one: Target, seed: number, maxTokens = 24) =>
  one.generate(
    asking("How can I frobble a gorvex?", { seed, decoding: { temperature: 1, topP: 1, topK: 0, maxTokens } }),
    never
  )

/** Numbers that a fake engine noted. */
export const started = (notes: ReadonlyArray<readonly [string, string]>, what = "start") =>
  notes.filter(([name]) => name === what).map(([, pid]) => Number(pid))
