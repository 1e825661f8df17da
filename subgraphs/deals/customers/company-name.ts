/** Letters that are no other letter with an accent, so that Unicode does not take them apart. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
}

/** Legal forms of the countries that partners sell in, as they are without points and spaces. */
const legalForms: ReadonlySet<string> = new Set(
  (
    'ag gmbh ggmbh mbh ug kg kgaa ohg gbr ek ev se co eg ' +
    'ltd limited plc llp llc inc incorporated corp corporation company dac clg ' +
    'sa sas sarl sasu snc sca eurl bv nv bvba srl vof cv ' +
    'sl slu sau sll lda sgps spa srls sapa ' +
    'ab hb as asa ans aps ivs oy oyj ky ' +
    'spzoo spk spj sro kft zrt nyrt bt doo dd'
  ).split(' '),
)

const conjunctions: ReadonlySet<string> = new Set(['and', 'und', 'et'])

/** A text in lower case with letters and digits alone, in words, without accents: `A/S` and `S.p.A.` are one word. */
export function plainWords(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæœøđðłþı]/g, (letter) => plainLetters[letter] ?? letter)
    .replaceAll(/[.'’/]/g, '')
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}

/**
 * What stays of a company's name when case, accents, signs, conjunctions and the legal form at its end are taken away:
 * `Müller & Söhne GmbH & Co. KG` and `MULLER UND SOHNE` are both `mullersohne`. Empty for a name without letters.
 */
export function plainCompanyName(name: string): string {
  let words = plainWords(name).filter((word, place) => place === 0 || !conjunctions.has(word))
  for (let form = legalFormOf(words); form > 0; form = legalFormOf(words)) words = words.slice(0, -form)
  return words.join('')
}

/** How many words at the end make a legal form, such as three of `sp z oo`; a name is never nothing but that. */
function legalFormOf(words: readonly string[]): number {
  for (let count = Math.min(3, words.length - 1); count > 0; count -= 1) {
    if (legalForms.has(words.slice(-count).join(''))) return count
  }
  return 0
}
