import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { digestOf } from "../domain/digest.ts"
import { refusedRead } from "./reading.ts"

/** One text for the place, length and time of change of each file; equal for two looks at the same save. */
export const fingerprintOf = Effect.fn("Checkpoints.fingerprint")(function*(files: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const stamps = yield* Effect.forEach(files, (file) =>
    fs.stat(file).pipe(
      Effect.map(({ dev, ino, mtime, size }) => [
        file,
        String(dev),
        Option.match(ino, { onNone: () => null, onSome: String }),
        String(size),
        Option.match(mtime, { onNone: () => null, onSome: (time) => time.getTime() })
      ]),
      Effect.catch(refusedRead(file))
    ))
  return digestOf(stamps).slice(0, 32)
})
