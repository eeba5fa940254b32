// HarmBench cuts a text with spaCy's English rules. These are the ones of them that ordinary prose and verse meet, in
// our own words; the README says how often the two agree.

const quotes = "'\"\u201c\u201d\u2018\u2019\u201e\u201a\u00ab\u00bb`\u00b4"
const hyphen = "-\u2013\u2014~"

/** Marks that stand apart at the beginning of a word. */
const opening = new RegExp(
  `^(?:\\.\\.+|\u2026|\\+(?![0-9])|[\u00a7%=\u2013\u2014,:;!?\u00bf\u00a1()\\[\\]{}<>_#*&\u00b7$\u00a3\u20ac\u00a5${quotes}]|\\p{So})`,
  "u"
)

/** Marks that stand apart at the end of a word; a full stop only behind what ends a sentence. */
const closing = new RegExp(
  `(?:\\.\\.+|\u2026|['\u2019][sS]|[\u2013\u2014,:;!?\u00bf\u00a1()\\[\\]{}<>_#*&\u00b7${quotes}]|\\p{So}|(?<=[0-9])\\+|`
    + `(?<=[0-9])[$\u00a3\u20ac\u00a5]|(?<=[0-9])(?:[kcm]?m|[km]?g|[KMGT]B|[kmgt]b|%|hPa|Pa|mbar|km/h|kmh|mph)|`
    + `(?<=[0-9\\p{Ll}%\u00b2+${hyphen}${quotes})])\\.|(?<=\\p{Lu}\\p{Lu})\\.)$`,
  "u"
)

/** Where a word falls apart in its middle: the mark becomes a word of its own. */
const inside = new RegExp(
  `\\.\\.+|\u2026|(?<=[0-9])[+\\-*^](?=[0-9-])|(?<=[\\p{Ll}${quotes}])\\.(?=[\\p{Lu}${quotes}])|(?<=\\p{L}),(?=\\p{L})`
    + `|(?<=[\\p{L}0-9])(?:---?|[${hyphen}])(?=\\p{L})|(?<=[\\p{L}0-9])[:<>=/](?=\\p{L})|\\p{So}`,
  "gu"
)

const abbreviations: ReadonlySet<string> = new Set(
  ("Adm. Bros. Co. Corp. Dr. D.C. E.G. Gen. Gov. I.E. Inc. Jr. Ltd. Md. Messrs. Mo. Mont. Mr. Mrs. Ms. Mt. Ph.D. Prof. "
    + "Rep. Rev. Sen. St. a.m. e.g. i.e. p.m. vs. v.s. Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec. "
    + "Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ia. Id. Ill. Ind. Kan. Kans. Ky. La. Mass. Mich. Minn. Miss. "
    + "N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Okla. Ore. Pa. S.C. Tenn. Va. Wash. Wis.").split(" ")
)

const verbs = "ai|are|ca|could|dare|did|does|do|had|has|have|is|may|might|must|need|ought|sha|should|was|were|wo|would"
const contracted = [
  new RegExp(`^(${verbs})(n['\u2019]t)(['\u2019]ve)?$`, "iu"),
  /^(i|you|he|she|it|we|they|who|what|when|where|why|how|there|that|this|these|those)(['\u2019]d)(['\u2019]ve)$/iu,
  /^(i|you|he|she|it|we|they|who|what|when|where|why|how|there|that|this|these|those)(['\u2019]ll)(['\u2019]ve)$/iu,
  /^(i)(['\u2019]m)(a)?$/iu,
  /^(i|you|we|they|who|what|when|where|why|how|there|that|this|these|those|could|might|must|should|would)(['\u2019]ve)$/iu,
  /^(you|we|they|who|what|when|where|why|how|there|these|those)(['\u2019]re)$/iu,
  /^(i|you|he|she|it|we|they|who|what|when|where|why|how|there|that|this|these|those)(['\u2019](?:ll|d))$/iu,
  /^(let)(['\u2019]s)$/iu,
  /^(can)(not)$/iu,
  /^(gon|got)(na|ta)$/iu,
  new RegExp(`^(${verbs.replace("|is|", "|")})(nt)$`, "iu"),
  /^(1[0-2]|[0-9])([ap]\.?m\.?)$/iu
]
const singleLetter = /^(?:\p{L}\.|U\.S\.)$/u
const shortened =
  /^(?:['\u2019](?:em|cause|cuz|nuff|bout|til)|\p{L}+in['\u2019]|ma['\u2019]am|o['\u2019]clock|y['\u2019]all)$/iu
const address =
  /^(?:https?:\/\/\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+|(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|co|uk|de)(?:\/\S*)?)$/iu

/** A word that the rules keep or take apart whole; undefined for all others. */
const special = (word: string): ReadonlyArray<string> | undefined => {
  if (abbreviations.has(word) || singleLetter.test(word)) return [word]
  for (const pattern of contracted) {
    const parts = pattern.exec(word)
    if (parts !== null) return parts.slice(1).filter((part) => part !== undefined)
  }
  return shortened.test(word) && /^(?:['\u2019]|ma|o|y|(?:do|go|ha|lo|no|nothi|somethi)\p{L}*in)/iu.test(word)
    ? [word]
    : undefined
}

const split = (word: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let from = 0
  for (const { 0: mark, index } of word.matchAll(inside)) {
    if (index > from) parts.push(word.slice(from, index))
    parts.push(mark)
    from = index + mark.length
  }
  if (from < word.length) parts.push(word.slice(from))
  return parts
}

const cut = (chunk: string): ReadonlyArray<string> => {
  const before: Array<string> = []
  const after: Array<string> = []
  let word = chunk
  while (word !== "") {
    const whole = special(word)
    if (whole !== undefined) return [...before, ...whole, ...after]
    const first = opening.exec(word)?.[0]
    const last = closing.exec(word)?.[0]
    if (first === undefined && last === undefined) break
    if (first !== undefined) {
      before.push(first)
      word = word.slice(first.length)
    }
    if (last !== undefined && last.length <= word.length && special(word) === undefined) {
      after.unshift(last)
      word = word.slice(0, word.length - last.length)
    }
  }
  return word === "" ? [...before, ...after] : [...before, ...(address.test(word) ? [word] : split(word)), ...after]
}

/**
 * A text as words and marks, in order. White space beyond one space between words is a piece of its own, as spaCy has
 * it: it fills windows and is in no signature.
 */
export const piecesOf = (text: string): ReadonlyArray<string> =>
  text.split(/(\s+)/u).flatMap((chunk, index) => {
    if (chunk === "") return []
    if (index % 2 === 0) return cut(chunk)
    const space = index > 1 || text.search(/\S/u) === 0
    const blank = space && chunk.startsWith(" ") ? chunk.slice(1) : chunk
    return blank === "" ? [] : [blank]
  })

/** Whether a piece is white space. */
export const isBlank = (piece: string): boolean => piece.trim() === ""
