import type { WriteStream } from "node:tty"

/** Whether colours may be written: a terminal that has them, and neither NO_COLOR nor TERM=dumb; `env` is the process's. */
export const hasColors = (
  stream: Pick<WriteStream, "isTTY" | "hasColors">,
  env?: Readonly<Record<string, string>>
): boolean => stream.isTTY === true && (env === undefined ? stream.hasColors() : stream.hasColors(env))
