import { describe, expect, it } from 'vitest'
import { translateRegex } from '../../../storage/embedded/query/filter/translate-regex.ts'
import { codeOf } from './documents.ts'

describe('a regular expression of PCRE', () => {
  it.each<[pattern: string, options: string, matching: string[], others: string[]]>([
    ['^a.c$', '', ['abc', 'abc\n', 'a\rc'], ['a\nc', 'xabc', 'abc\nx']],
    ['^b$', 'm', ['a\nb\nc', 'b\n'], ['a\rb\rc']],
    ['a.b', 's', ['a\nb'], ['ab']],
    ['A B # note', 'ix', ['ab'], ['a b']],
    ['(?i)STRASSE', '', ['strasse'], ['strase']],
    [String.raw`\Aab\z`, '', ['ab'], ['ab\n', 'xab']],
    [String.raw`ab\Z`, '', ['ab', 'ab\n'], ['ab\n\n']],
    [String.raw`\Qa.b\E+`, '', ['a.b', 'a.bb'], ['axb']],
    [String.raw`^[\w-.]+@[a-z\d.-]+$`, '', ['a-b.c@d-e.f'], ['a b@c']],
    ['[]a]', '', [']', 'a'], ['b']],
    ['[^]a]', '', ['b', '\n'], [']']],
    ['[[:alpha:][:digit:]_]+$', '', ['a1_'], ['-']],
    ['a{,2}', '', ['a{,2}'], ['aa']],
    ['a{2}', '', ['aa'], ['a{2']],
    [String.raw`\x41\x{1F600}\0101`, '', ['A😀\b1'], ['A']],
    [String.raw`^\p{Lu}\pL+$`, '', ['Ñandú'], ['ñandú']],
    [String.raw`\s`, '', [' ', '\t'], ['\u00a0']],
    [String.raw`^\S+$`, '', ['a\u00a0b'], ['a b']],
    [String.raw`a\-b\_c\@\/`, '', ['a-b_c@/'], ['a']],
    ['^.$', '', ['😀'], ['ab']],
    ['(?P<year>\\d{4})(?#note)-(?:0[1-9])', '', ['2024-02'], ['2024-12']],
    ['(?<=a)b(?!c)', '', ['abd'], ['abc', 'b']],
    ['a+?b*?c', '', ['aac'], ['bc']],
    [String.raw`a\Rb`, '', ['a\r\nb', 'a\nb'], ['ab']],
  ])('/%s/%s', (pattern, options, matching, others) => {
    const expression = translateRegex(pattern, options)
    expect(matching.filter((text) => !expression.test(text))).toEqual([])
    expect(others.filter((text) => expression.test(text))).toEqual([])
  })

  it.each<[string, number]>([
    ['a++', 2],
    ['(?>a)', 2],
    ['(?R)', 2],
    ['(a)\\1', 2],
    ['(*UTF8)a', 2],
    ['a(?i)b', 2],
    ['(?|a|b)', 2],
    ['\\Ka', 2],
    ['\\p{Greek}', 2],
    ['[[.a.]]', 2],
    ['a**', 2],
    ['(', 51091],
    ['[b-a]', 51091],
    ['[a', 51091],
    ['\\', 51091],
  ])('/%s/ is refused with %i', (pattern, code) => {
    expect(codeOf(() => translateRegex(pattern, ''))).toBe(code)
  })
})
