/** A name that the pickle refers to; it is never looked up or called. */
export interface Name {
  readonly name: string
}

/** What a pickle says was made by calling a name, with the state it was given afterwards: data, nothing is called. */
export interface Made {
  readonly by: string
  readonly from: ReadonlyArray<Pickled>
  state?: Pickled
}

/** A value of a pickle; dictionaries are maps, so that no key can reach a prototype. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Array<Pickled>
  | Map<Pickled, Pickled>
  | Name
  | Made

/** Why a pickle was refused; `at` is the offset of the opcode. */
export class PickleFault extends Error {
  override readonly name = "PickleFault"

  constructor(at: number, what: string) {
    super(`byte ${at}: ${what}`)
  }
}

const isName = (value: Pickled | undefined): value is Name =>
  typeof value === "object" && value !== null && "name" in value

export const isMade = (value: Pickled | undefined): value is Made =>
  typeof value === "object" && value !== null && "by" in value

const mark = Symbol("mark")

/**
 * Reads a pickle of protocol 2 to 5 as data.
 *
 * Nothing in it is executed: a call is kept as a description of itself, and only of names in `allowed`. Any other name,
 * any opcode that such files don't need, and any malformed byte throw `PickleFault`.
 */
export const readPickle = (bytes: Uint8Array, allowed: ReadonlySet<string>): Pickled => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: Array<Pickled | typeof mark> = []
  const memo: Array<Pickled> = []
  let at = 0
  let opcodeAt = 0
  const fault = (what: string) => new PickleFault(opcodeAt, what)
  const take = (count: number): Uint8Array => {
    if (!(count >= 0) || at + count > bytes.length) throw fault("it ends in the middle of a value")
    at += count
    return bytes.subarray(at - count, at)
  }
  const size = (width: 1 | 2 | 4 | 8): number => {
    const from = at
    take(width)
    if (width === 1) return view.getUint8(from)
    if (width === 2) return view.getUint16(from, true)
    if (width === 4) return view.getUint32(from, true)
    const long = view.getBigUint64(from, true)
    if (long > BigInt(bytes.length)) throw fault("it ends in the middle of a value")
    return Number(long)
  }
  const text = (count: number): string => {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(take(count))
    } catch (cause) {
      throw cause instanceof PickleFault ? cause : fault("a text is no UTF-8")
    }
  }
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) throw fault("it ends in the middle of a name")
    const found = text(end - at)
    at++
    return found
  }
  const pop = (): Pickled => {
    const value = stack.pop()
    if (value === undefined || value === mark) throw fault("it takes a value that is not there")
    return value
  }
  const top = (): Pickled => {
    const value = stack.at(-1)
    if (value === undefined || value === mark) throw fault("it takes a value that is not there")
    return value
  }
  const popToMark = (): Array<Pickled> => {
    const from = stack.lastIndexOf(mark)
    if (from < 0) throw fault("a mark is missing")
    return (stack.splice(from) as Array<Pickled>).slice(1)
  }
  const named = (module: Pickled, member: Pickled): Name => {
    const name = `${String(module)}.${String(member)}`
    if (typeof module !== "string" || typeof member !== "string" || !allowed.has(name)) {
      throw fault(`it refers to ${JSON.stringify(name)}, which no such file needs`)
    }
    return { name }
  }
  const list = (value: Pickled): Array<Pickled> => {
    if (Array.isArray(value)) return value
    throw fault("it adds to what is no list")
  }
  const map = (value: Pickled): Map<Pickled, Pickled> => {
    if (value instanceof Map) return value
    throw fault("it sets a member of what is no dictionary")
  }
  const call = (): void => {
    const from = pop()
    const by = pop()
    if (!isName(by) || !Array.isArray(from)) throw fault("it calls what is no name")
    stack.push({ by: by.name, from })
  }
  const long = (count: number): bigint => {
    let value = 0n
    const digits = take(count)
    digits.forEach((digit, index) => value |= BigInt(digit) << BigInt(8 * index))
    return count > 0 && digits[count - 1]! >= 0x80 ? value - (1n << BigInt(8 * count)) : value
  }
  const recall = (index: number): void => {
    const value = memo[index]
    if (value === undefined) throw fault(`it recalls value ${index}, which it has not stored`)
    stack.push(value)
  }
  const store = (index: number): void => {
    if (index !== memo.length && memo[index] === undefined && index > bytes.length) throw fault("its store has gaps")
    memo[index] = top()
  }

  for (;;) {
    opcodeAt = at
    const opcode = size(1)
    switch (opcode) {
      case 0x80: { // PROTO
        const protocol = size(1)
        if (opcodeAt !== 0 || protocol < 2 || protocol > 5) throw fault(`protocol ${protocol} is not read`)
        break
      }
      case 0x95: // FRAME
        size(8)
        break
      case 0x2e: { // STOP
        const value = pop()
        if (stack.length > 0 || at !== bytes.length) throw fault("something follows its end")
        return value
      }
      case 0x28: // MARK
        stack.push(mark)
        break
      case 0x4e: // NONE
        stack.push(null)
        break
      case 0x88: // NEWTRUE
        stack.push(true)
        break
      case 0x89: // NEWFALSE
        stack.push(false)
        break
      case 0x4a: // BININT
        take(4)
        stack.push(view.getInt32(at - 4, true))
        break
      case 0x4b: // BININT1
        stack.push(size(1))
        break
      case 0x4d: // BININT2
        stack.push(size(2))
        break
      case 0x8a: // LONG1
        stack.push(long(size(1)))
        break
      case 0x8c: // SHORT_BINUNICODE
        stack.push(text(size(1)))
        break
      case 0x58: // BINUNICODE
        stack.push(text(size(4)))
        break
      case 0x43: // SHORT_BINBYTES
        stack.push(take(size(1)))
        break
      case 0x42: // BINBYTES
        stack.push(take(size(4)))
        break
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        stack.push(take(size(8)))
        break
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([])
        break
      case 0x7d: // EMPTY_DICT
        stack.push(new Map())
        break
      case 0x74: // TUPLE
        stack.push(popToMark())
        break
      case 0x85: // TUPLE1
        stack.push([pop()])
        break
      case 0x86: { // TUPLE2
        const second = pop()
        stack.push([pop(), second])
        break
      }
      case 0x87: { // TUPLE3
        const third = pop()
        const second = pop()
        stack.push([pop(), second, third])
        break
      }
      case 0x61: { // APPEND
        const value = pop()
        list(top()).push(value)
        break
      }
      case 0x65: { // APPENDS
        const values = popToMark()
        const target = list(top())
        for (const value of values) target.push(value)
        break
      }
      case 0x73: { // SETITEM
        const value = pop()
        const key = pop()
        map(top()).set(key, value)
        break
      }
      case 0x75: { // SETITEMS
        const values = popToMark()
        if (values.length % 2 !== 0) throw fault("a key has no value")
        const target = map(top())
        for (let i = 0; i < values.length; i += 2) target.set(values[i]!, values[i + 1]!)
        break
      }
      case 0x71: // BINPUT
        store(size(1))
        break
      case 0x72: // LONG_BINPUT
        store(size(4))
        break
      case 0x94: // MEMOIZE
        store(memo.length)
        break
      case 0x68: // BINGET
        recall(size(1))
        break
      case 0x6a: // LONG_BINGET
        recall(size(4))
        break
      case 0x63: { // GLOBAL
        const module = line()
        stack.push(named(module, line()))
        break
      }
      case 0x93: { // STACK_GLOBAL
        const member = pop()
        stack.push(named(pop(), member))
        break
      }
      case 0x81: // NEWOBJ
      case 0x52: // REDUCE
        call()
        break
      case 0x62: { // BUILD
        const state = pop()
        const made = top()
        if (!isMade(made) || made.state !== undefined) throw fault("it gives a state to what takes none")
        made.state = state
        break
      }
      default:
        throw fault(`opcode 0x${opcode.toString(16).padStart(2, "0")} is not read`)
    }
  }
}
