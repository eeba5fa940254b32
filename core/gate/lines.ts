/** Widest line of a table, in characters. */
export const widest = 110

/** Names come from data: control and direction characters could rewrite the screen. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")

/** A text in exactly so many characters, cut or filled up. */
export const fit = (text: string, width: number, left: boolean): string => {
  const letters = [...plain(text)]
  const cut = letters.length > width ? [...letters.slice(0, width - 1), "…"] : letters
  const space = " ".repeat(width - cut.length)
  return left ? cut.join("") + space : space + cut.join("")
}

/** Breaks a sentence at spaces so that no line is wider than the table. */
export const wrap = (text: string, indent: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  const room = widest - indent.length
  const words = plain(text).split(" ").flatMap((word) => word.match(new RegExp(`.{1,${room}}`, "gu")) ?? [])
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(indent + line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return line === "" ? lines : [...lines, indent + line]
}
