import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { compileChatTemplate, readSystemPrompt, withSystem } from "./chat.ts"

const chatml =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
const user = (content: string) => ({ role: "user", content }) as const

test("a template renders messages and opens the answer", () => {
  expect(compileChatTemplate(chatml).render([{ role: "system", content: "Be brief." }, user("Hi")])).toBe(
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
  )
})

test("text of a message is never read as template", () => {
  expect(compileChatTemplate("{{ messages[0].content }}").render([user("{{ 7 * 7 }}{% if %}")])).toBe(
    "{{ 7 * 7 }}{% if %}"
  )
})

test("tokens and variables of the tokenizer reach the template and its digest", () => {
  const source = "{{ bos_token }}{{ messages[0]['content'] }}{{ eos_token }}{% if enable_thinking %}!{% endif %}"
  const template = compileChatTemplate(source, {
    bosToken: "<s>",
    eosToken: "</s>",
    variables: { enable_thinking: true }
  })
  expect(template.render([user("a")])).toBe("<s>a</s>!")
  expect(template.digest).not.toBe(compileChatTemplate(source, { bosToken: "<s>", eosToken: "</s>" }).digest)
})

test("a template that tells the date tells the same one every day", () => {
  const source = "{{ strftime_now('%d %b %Y|%B %-d|%A|%Y-%m-%d') }}"
  expect(compileChatTemplate(source).render([])).toBe("26 Jul 2024|July 26|Friday|2024-07-26")
  // 5 March 2026 is a Thursday, by `date -d 2026-03-05 +%A`.
  expect(compileChatTemplate(source, { date: "2026-03-05" }).render([])).toBe("05 Mar 2026|March 5|Thursday|2026-03-05")
})

test("a template that refuses messages or can't be read is one clear error", () => {
  const template = compileChatTemplate("{{ raise_exception('roles must alternate') }}")
  expect(() => template.render([user("a")])).toThrow(/refuses these messages: roles must alternate/)
  expect(() => compileChatTemplate("{% if %}")).toThrow(/cannot be read/)
})

test("a system prompt goes in front, and joins one that is there", () => {
  expect(withSystem([user("Hi")], "Be safe.")).toEqual([{ role: "system", content: "Be safe." }, user("Hi")])
  expect(withSystem([{ role: "system", content: "Be brief." }, user("Hi")], "Be safe.")).toEqual([
    { role: "system", content: "Be safe.\n\nBe brief." },
    user("Hi")
  ])
  const messages = [user("Hi")]
  expect(withSystem(messages, undefined)).toBe(messages)
  expect(withSystem(messages, "")).toBe(messages)
})

test("a system prompt is a text or a file, byte for byte", async () => {
  const folder = await mkdtemp(join(tmpdir(), "driftgate-chat-"))
  try {
    const path = join(folder, "s.txt")
    await writeFile(path, "Be safe.\n")
    const fromFile = await readSystemPrompt(`@${path}`)
    expect(fromFile?.text).toBe("Be safe.\n")
    expect(fromFile?.digest).not.toBe((await readSystemPrompt("Be safe."))?.digest)
    // printf 'Be safe.' | sha256sum
    expect((await readSystemPrompt("Be safe."))?.digest).toBe(
      "54bbe1b9e106e958e5f4349a0f7eadf5a3c429ebf05995181270f3a8a2b6cfbe"
    )
    expect(await readSystemPrompt(undefined)).toBeUndefined()
    await expect(readSystemPrompt(`@${path}.missing`)).rejects.toMatchObject({
      reason: "not_found",
      message: expect.stringContaining("cannot be read")
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})
